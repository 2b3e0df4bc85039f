//! The search page as its template shows it.

use askama::Template;
use chrono::{DateTime, Utc};

use super::store::{FoundConnection, FoundIntegration, FoundPartner, FoundPerson, FoundProduct};
use crate::campaigns::model::{Campaign, Phase};
use crate::tiers::model::Tier;
use crate::values::Choice;
use crate::web::page;

/// A partner that was found.
pub struct PartnerRow {
    pub address: String,
    pub name: String,
    pub code: String,
    pub hue: u8,
    /// Said when it is not simply active.
    pub status: &'static str,
}

impl PartnerRow {
    pub fn new(found: FoundPartner) -> PartnerRow {
        PartnerRow {
            address: crate::partners::address(&found.code),
            hue: page::hue(found.id.uuid()),
            status: partner_status(&found.status),
            name: found.name,
            code: found.code,
        }
    }
}

fn partner_status(stored: &str) -> &'static str {
    match stored {
        "planned" => "Planned",
        "pending" => "Pending",
        "suspended" => "Suspended",
        "offboarding" => "Offboarding",
        "archived" => "Archived",
        _ => "",
    }
}

/// A member that was found.
pub struct PersonRow {
    pub address: String,
    pub name: String,
    pub email: String,
    pub hue: u8,
    pub role: &'static str,
    pub partner: String,
    /// Said when the account is not simply active.
    pub status: &'static str,
}

impl PersonRow {
    pub fn new(found: FoundPerson) -> PersonRow {
        PersonRow {
            address: crate::partners::tab(&found.partner_code, "users"),
            hue: page::hue(found.user.uuid()),
            role: found.role.at(found.is_hosting).name(),
            status: match found.status.as_str() {
                "invited" => "Invited",
                "suspended" => "Suspended",
                "deactivated" => "Deactivated",
                _ => "",
            },
            partner: found.partner_name,
            name: found.name,
            email: found.email,
        }
    }
}

/// An integration that was found.
pub struct IntegrationRow {
    pub address: String,
    pub name: String,
    pub partner: String,
    pub state: String,
    pub look: (&'static str, &'static str),
}

impl IntegrationRow {
    pub fn new(found: FoundIntegration) -> IntegrationRow {
        IntegrationRow {
            address: crate::integrations::address(found.id),
            state: found.stage().words(),
            look: found.state.look(),
            partner: found.partner_name,
            name: found.name,
        }
    }
}

/// A connection that was found.
pub struct ConnectionRow {
    pub address: String,
    pub name: String,
    pub host: String,
    pub partner: String,
}

impl ConnectionRow {
    pub fn new(found: FoundConnection) -> ConnectionRow {
        ConnectionRow {
            address: crate::connections::address(found.id),
            name: found.name,
            host: found.host,
            partner: found.partner_name,
        }
    }
}

/// A product that was found.
pub struct ProductRow {
    pub address: String,
    pub name: String,
    pub sku: String,
    pub partner: String,
    /// Said when it is not simply active.
    pub status: &'static str,
}

impl ProductRow {
    pub fn new(found: FoundProduct) -> ProductRow {
        ProductRow {
            address: crate::products::address(found.id),
            name: found.name,
            sku: found.sku,
            partner: found.partner_name,
            status: if found.status == "archived" { "Archived" } else { "" },
        }
    }
}

/// A campaign that was found.
pub struct CampaignRow {
    pub address: String,
    pub name: String,
    pub code: String,
    /// Its days in its zone.
    pub days: String,
    pub phase: Phase,
}

impl CampaignRow {
    pub fn new(found: &Campaign, now: DateTime<Utc>) -> CampaignRow {
        CampaignRow {
            address: crate::campaigns::address(found.id),
            name: found.name.to_string(),
            code: found.code.clone(),
            days: found.days().words(found.time_zone.tz()),
            phase: found.phase(now),
        }
    }
}

/// A tier that was found.
pub struct TierRow {
    pub address: String,
    pub label: String,
}

impl TierRow {
    pub fn new(tier: &Tier, can_update: bool) -> TierRow {
        let list = format!("/tiers#tier-{}", tier.id);
        TierRow { address: if can_update { crate::tiers::address(tier.id) } else { list }, label: tier.label() }
    }
}

/// The search.
#[derive(Template)]
#[template(path = "search/index.html", blocks = ["results"])]
pub struct SearchPage {
    pub words: String,
    pub partners: Vec<PartnerRow>,
    pub people: Vec<PersonRow>,
    pub connections: Vec<ConnectionRow>,
    pub integrations: Vec<IntegrationRow>,
    pub has_more_integrations: bool,
    pub sees_integrations: bool,
    pub has_more_connections: bool,
    pub products: Vec<ProductRow>,
    pub has_more_products: bool,
    pub tiers: Vec<TierRow>,
    pub campaigns: Vec<CampaignRow>,
    pub has_more_campaigns: bool,
    pub has_more_partners: bool,
    pub has_more_people: bool,
    /// Whether they have a list of partners to go on in.
    pub sees_list: bool,
    pub sees_people: bool,
}

impl SearchPage {
    /// What can be looked for, in the field and above it.
    fn kinds(&self) -> &'static str {
        match (self.sees_people, self.sees_integrations) {
            (true, true) => "Partner, integration or person",
            (true, false) => "Partner or person",
            (false, true) => "Partner or integration",
            (false, false) => "Partner",
        }
    }

    fn integration_list(&self) -> String {
        format!("/integrations?q={}", crate::web::encode(&self.words))
    }

    fn list(&self) -> String {
        format!("/partners?q={}", crate::web::encode(&self.words))
    }

    fn product_list(&self) -> String {
        format!("/products?q={}", crate::web::encode(&self.words))
    }

    fn campaign_list(&self) -> String {
        format!("/campaigns?q={}", crate::web::encode(&self.words))
    }

    fn connection_list(&self) -> String {
        format!("/connections?q={}", crate::web::encode(&self.words))
    }
}

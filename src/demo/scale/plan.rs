//! What there is, by number: everything follows from it, so that an event of a partner can name its tenth integration
//! long after that one was written.

use chrono::{DateTime, TimeDelta, Utc};

use super::Extent;
use super::draw::{Draw, For, Year};
use super::store::Ground;
use super::words;
use crate::db::ids::{CampaignId, IntegrationId, PartnerId, ProductId, TenantId, UserId};
use crate::integrations::stage::State;
use crate::partners::model::Status;

/// People of each partner.
pub const USERS: u64 = 5;
/// Integrations of each partner.
pub const INTEGRATIONS: u64 = 10;
/// Tenants of each partner.
pub const TENANTS: u64 = 20;
/// Events of each partner, as long as they are five millions in all.
pub const EVENTS: u64 = 50;
/// Campaigns in which each partner takes part.
pub const CAMPAIGNS_OF_EACH: u64 = 5;
/// The number of the whale.
pub const WHALE: u64 = 0;

/// The round in which a partner's people came; before it the partner itself.
const PEOPLE: u64 = 1;
/// The round in which its integrations began to be written.
const BUILDING: u64 = PEOPLE + USERS;
/// The round in which its tenants began to come.
const TENANCY: u64 = BUILDING + 2 * INTEGRATIONS;
/// The round in which its product came.
pub const SELLING: u64 = TENANCY + TENANTS;

/// A person of the hosts.
#[derive(Clone)]
pub struct Host {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: String,
}

/// Everything that rows are made from.
pub struct Plan {
    /// Numbers.
    pub draw: Draw,
    /// Moments.
    pub year: Year,
    /// What was there before.
    pub ground: Ground,
    /// Who made partners.
    pub ana: Host,
    /// Who made campaigns.
    pub dele: Host,
    /// Who reviewed.
    pub rita: Host,
    /// The password of everybody.
    pub hash: String,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// How much of everything.
    pub extent: Extent,
}

/// What happens to a partner in a round.
pub enum Turn {
    /// It comes.
    Partner,
    /// One of its people comes.
    User(u64),
    /// One of its integrations is begun.
    Begun(u64),
    /// One of them is submitted or published.
    Moved(u64),
    /// One of its tenants comes.
    Tenant(u64),
    /// Its product comes.
    Product,
    /// It is edited.
    Edited,
}

impl Turn {
    /// The turn of a round.
    pub fn of(round: u64) -> Turn {
        match round {
            0 => Turn::Partner,
            PEOPLE..BUILDING => Turn::User(round - PEOPLE),
            BUILDING..TENANCY if round < BUILDING + INTEGRATIONS => Turn::Begun(round - BUILDING),
            BUILDING..TENANCY => Turn::Moved(round - BUILDING - INTEGRATIONS),
            TENANCY..SELLING => Turn::Tenant(round - TENANCY),
            SELLING => Turn::Product,
            _ => Turn::Edited,
        }
    }
}

impl Plan {
    /// A partner's code.
    pub fn code(&self, partner: u64) -> String {
        if partner == WHALE { "WHALE".into() } else { format!("P{partner:06}") }
    }

    /// A partner's name. The rare word is in those of three, and of one of each twenty-five thousand.
    pub fn name(&self, partner: u64) -> String {
        if partner == WHALE {
            return "Whale Song Cruises".into();
        }
        let rare = matches!(partner, 17 | 400 | 777) || partner % 25_000 == 1_234;
        let first = if rare { words::RARE } else { self.draw.one(words::FIRST, For::Words, partner, 0) };
        let second = self.draw.one(words::SECOND, For::Words, partner, 1);
        format!("{first} {second} {}", self.draw.one(words::TRADE, For::Words, partner, 2))
    }

    /// A partner's domain.
    pub fn domain(&self, partner: u64) -> String {
        format!("{}.example", self.code(partner).to_lowercase())
    }

    /// Where a partner stands.
    pub fn status(&self, partner: u64) -> Status {
        match self.draw.below(100, For::Choice, partner, 0) {
            _ if partner == WHALE => Status::Active,
            0..96 => Status::Active,
            96..98 => Status::Suspended,
            _ => Status::Offboarding,
        }
    }

    /// When a partner came.
    pub fn came(&self, partner: u64) -> DateTime<Utc> {
        self.year.at(0, partner)
    }

    /// A partner's id.
    pub fn partner(&self, partner: u64) -> PartnerId {
        PartnerId::drawn(self.came(partner), self.draw.bits(For::Partner, partner, 0))
    }

    /// When one of its people came.
    pub fn joined(&self, partner: u64, user: u64) -> DateTime<Utc> {
        self.year.at(PEOPLE + user, partner)
    }

    /// The id of one of its people.
    pub fn user(&self, partner: u64, user: u64) -> UserId {
        UserId::drawn(self.joined(partner, user), self.draw.bits(For::User, partner, user))
    }

    /// The name of one of its people.
    pub fn user_name(&self, partner: u64, user: u64) -> String {
        let given = self.draw.one(words::GIVEN, For::Words, partner, 10 + user);
        format!("{given} {}", self.draw.one(words::FAMILY, For::Words, partner, 20 + user))
    }

    /// The address of one of its people.
    pub fn email(&self, partner: u64, user: u64) -> String {
        let name = self.user_name(partner, user).to_lowercase().replace(' ', ".");
        format!("{name}.{}@{}", user + 1, self.domain(partner))
    }

    /// When one of its integrations was begun.
    pub fn begun(&self, partner: u64, integration: u64) -> DateTime<Utc> {
        self.year.at(BUILDING + integration, partner)
    }

    /// The id of one of its integrations.
    pub fn integration(&self, partner: u64, integration: u64) -> IntegrationId {
        let bits = self.draw.bits(For::Integration, partner, integration);
        IntegrationId::drawn(self.begun(partner, integration), bits)
    }

    /// The name of one of its integrations.
    pub fn integration_name(&self, partner: u64, integration: u64) -> String {
        let what = words::INTEGRATIONS[integration as usize % words::INTEGRATIONS.len()];
        let whose = self.name(partner);
        format!("{} {what}", whose.split(' ').next().unwrap_or_default())
    }

    /// Where one of its integrations stands: one of a hundred is in review, and the first three are always live.
    pub fn state(&self, partner: u64, integration: u64) -> State {
        match (integration, (partner * INTEGRATIONS + integration) % 500) {
            (0..3, _) => State::Published,
            (_, 37 | 137 | 237 | 337 | 437) => State::InReview,
            (_, 88) => State::ChangesRequested,
            (_, 99) => State::Rejected,
            (8, _) => State::Draft,
            (9, at) if at % 40 == 9 => State::Unpublished,
            (9, at) if at % 40 == 19 => State::Archived,
            _ => State::Published,
        }
    }

    /// When one of its integrations was submitted: what is in review, in these days.
    pub fn submitted(&self, partner: u64, integration: u64) -> DateTime<Utc> {
        let hours = self.draw.below(60, For::Choice, partner, 100 + integration) as i64;
        match self.state(partner, integration) {
            State::InReview | State::ChangesRequested => self.now - TimeDelta::minutes(60 * hours + 17),
            _ => self.year.at(BUILDING + INTEGRATIONS + integration, partner) - TimeDelta::hours(20 + hours),
        }
    }

    /// When it was answered.
    pub fn answered(&self, partner: u64, integration: u64) -> DateTime<Utc> {
        match self.state(partner, integration) {
            State::ChangesRequested => self.now - TimeDelta::minutes(9),
            _ => self.year.at(BUILDING + INTEGRATIONS + integration, partner),
        }
    }

    /// When one of its tenants came. Those that only the whale has came in the same months.
    pub fn tenant_came(&self, partner: u64, tenant: u64) -> DateTime<Utc> {
        let at = self.year.at(TENANCY + tenant % TENANTS, partner);
        at + TimeDelta::seconds((tenant / TENANTS) as i64)
    }

    /// The id of one of its tenants.
    pub fn tenant(&self, partner: u64, tenant: u64) -> TenantId {
        TenantId::drawn(self.tenant_came(partner, tenant), self.draw.bits(For::Tenant, partner, tenant))
    }

    /// The name of one of its tenants.
    pub fn tenant_name(&self, partner: u64, tenant: u64) -> String {
        let family = self.draw.one(words::FAMILY, For::Words, partner, 1000 + tenant);
        let what = self.draw.one(words::CUSTOMERS, For::Words, partner, 1_000_000 + tenant);
        format!("{family} {what} {}", 1 + self.draw.below(900, For::Words, partner, 2_000_000 + tenant))
    }

    /// The id of a partner's product.
    pub fn product(&self, partner: u64) -> ProductId {
        ProductId::drawn(self.year.at(SELLING, partner), self.draw.bits(For::Product, partner, 0))
    }

    /// The name of a partner's product.
    pub fn product_name(&self, partner: u64) -> String {
        let whose = self.name(partner);
        let what = self.draw.one(words::PRODUCTS, For::Words, partner, 3);
        format!("{} {what}", whose.split(' ').next().unwrap_or_default())
    }

    /// When a campaign was made.
    pub fn campaign_made(&self, campaign: u64) -> DateTime<Utc> {
        self.year.begins + TimeDelta::hours(campaign as i64 % 500)
    }

    /// The id of a campaign.
    pub fn campaign(&self, campaign: u64) -> CampaignId {
        CampaignId::drawn(self.campaign_made(campaign), self.draw.bits(For::Campaign, campaign, 0))
    }

    /// The campaigns in which a partner takes part; all different.
    pub fn campaigns_of(&self, partner: u64) -> impl Iterator<Item = u64> {
        let (all, step) = (self.extent.campaigns, self.extent.campaigns / CAMPAIGNS_OF_EACH);
        (0..CAMPAIGNS_OF_EACH).map(move |nth| (partner + nth * step) % all)
    }
}

//! What a token is; no SQL, no HTTP, no clock.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use diesel::prelude::*;
use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::access::{
    CreateTenant, DeleteTenant, Permission, Powers, ReadCampaign, ReadIntegration, ReadPartner, ReadProduct,
    ReadRedemptions, ReadTenant, ReadTiers, RecordRedemption, Role, Rule, UpdateTenant,
};
use crate::db::ids::{PartnerId, ProgramId, TokenId};
use crate::db::schema::api_tokens;
use crate::partners::model::Partner;
use crate::values::{Choice, Name, Refused, choice, shown};

/// How every token begins, so that scanners for leaked keys know one.
const PREFIX: &str = "portico_";
/// Characters after that: 256 bits.
const LENGTH: usize = 43;
/// Days that a token is good for at the most.
const LONGEST: u64 = 365;

choice! {
    /// What a token may do.
    TokenScope {
        /// See products, and who may have them.
        ProductsRead = "products:read" / "See products, and whether a customer may have them",
        /// See campaigns.
        CampaignsRead = "campaigns:read" / "See campaigns",
        /// See tiers.
        TiersRead = "tiers:read" / "See tiers",
        /// See partners.
        PartnersRead = "partners:read" / "See partners",
        /// Ask whether a customer may redeem something.
        RedemptionsCheck = "redemptions:check" / "Ask whether a customer may redeem a product",
        /// See what was redeemed.
        RedemptionsRead = "redemptions:read" / "See what was redeemed",
        /// Record redemptions.
        RedemptionsWrite = "redemptions:write" / "Record redemptions",
        /// See integrations.
        IntegrationsRead = "integrations:read" / "See integrations",
        /// See tenants and their runs.
        TenantsRead = "tenants:read" / "See tenants and their runs",
        /// Record, change, move and archive tenants.
        TenantsWrite = "tenants:write" / "Create, change and move tenants",
        /// Report runs.
        RunsWrite = "runs:write" / "Report runs",
    }
}

/// Whose token it is: a partner's, or without one the program's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The program.
    pub program: ProgramId,
    /// The partner.
    pub partner: Option<PartnerId>,
}

impl Owner {
    /// A partner.
    pub fn of(partner: &Partner) -> Owner {
        Owner { program: partner.program_id, partner: Some(partner.id) }
    }

    /// What its tokens can do: the program's record no installs and report no runs, since those are partners' own.
    pub fn scopes(&self) -> impl Iterator<Item = TokenScope> {
        let is_program = self.partner.is_none();
        TokenScope::ALL.iter().copied().filter(move |scope| !is_program || scope.is_of_programs())
    }
}

impl TokenScope {
    /// Whether a token of a program can have it.
    pub fn is_of_programs(self) -> bool {
        !matches!(self, TokenScope::TenantsWrite | TokenScope::RunsWrite)
    }

    /// The permissions it stands for.
    fn rules(self) -> &'static [Rule] {
        match self {
            TokenScope::ProductsRead | TokenScope::RedemptionsCheck => &[ReadProduct::RULE],
            TokenScope::CampaignsRead => &[ReadCampaign::RULE],
            TokenScope::TiersRead => &[ReadTiers::RULE],
            TokenScope::PartnersRead => &[ReadPartner::RULE],
            TokenScope::RedemptionsRead => &[ReadRedemptions::RULE],
            TokenScope::RedemptionsWrite => &[RecordRedemption::RULE],
            TokenScope::IntegrationsRead => &[ReadIntegration::RULE],
            TokenScope::TenantsRead => &[ReadTenant::RULE],
            TokenScope::TenantsWrite => &[CreateTenant::RULE, UpdateTenant::RULE, DeleteTenant::RULE],
            TokenScope::RunsWrite => &[UpdateTenant::RULE],
        }
    }

    /// What it lets a token do: nothing that an admin of the partner could not, or of a program's token a hosting admin.
    pub fn powers(self, is_program: bool) -> Powers {
        let most = match is_program {
            true if self.is_of_programs() => Powers::of(Role::HostingAdmin),
            true => Powers::default(),
            false => Powers::of(Role::PartnerAdmin).at_one_partner(),
        };
        self.rules().iter().filter(|rule| most.include(rule)).collect()
    }
}

/// A new token.
pub fn fresh() -> SecretString {
    let mut bytes = [0u8; 32];
    rand::rng().fill(&mut bytes[..]);
    SecretString::from(format!("{PREFIX}{}", BASE64.encode(bytes)))
}

/// The hash of what has the form of a token; none of anything else.
pub fn hash(token: &str) -> Option<Vec<u8>> {
    let rest = token.strip_prefix(PREFIX)?;
    let is_token = rest.len() == LENGTH && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    is_token.then(|| Sha256::digest(token.as_bytes()).to_vec())
}

/// Its last four characters, to tell tokens apart.
pub fn hint(token: &SecretString) -> String {
    let text = token.expose_secret();
    text.get(text.len() - 4..).unwrap_or_default().to_owned()
}

/// A stored token, without its hash.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = api_tokens)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Token {
    pub id: TokenId,
    pub partner_id: Option<PartnerId>,
    pub name: Name,
    pub hint: String,
    pub scopes: serde_json::Value,
    pub expires_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub created_by_name: String,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub revoked_by_name: String,
}

impl Token {
    /// What it may do; what nobody knows any more is left out.
    pub fn scopes(&self) -> Vec<TokenScope> {
        scopes(&self.scopes)
    }

    /// Where it stands.
    pub fn state(&self, now: DateTime<Utc>) -> TokenState {
        match (self.revoked_at, self.expires_at) {
            (Some(_), _) => TokenState::Revoked,
            (None, until) if until <= now => TokenState::Expired,
            (None, until) if until <= now + chrono::TimeDelta::days(14) => TokenState::Ending,
            _ => TokenState::Good,
        }
    }
}

/// Reads stored scopes.
pub fn scopes(stored: &serde_json::Value) -> Vec<TokenScope> {
    let keys: Vec<String> = serde_json::from_value(stored.clone()).unwrap_or_default();
    keys.iter().filter_map(|key| TokenScope::from_key(key)).collect()
}

/// Whether a token opens anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// It does.
    Good,
    /// It does for two weeks at the most.
    Ending,
    /// No longer.
    Expired,
    /// Somebody ended it.
    Revoked,
}

impl TokenState {
    /// The shown word.
    pub fn label(self) -> &'static str {
        match self {
            TokenState::Good => "Active",
            TokenState::Ending => "Expires soon",
            TokenState::Expired => "Expired",
            TokenState::Revoked => "Revoked",
        }
    }

    /// Tone and icon of its badge.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            TokenState::Good => ("good", "circle-check"),
            TokenState::Ending => ("warn", "clock"),
            TokenState::Expired => ("", "clock"),
            TokenState::Revoked => ("", "circle-x"),
        }
    }

    /// Whether there is anything left to revoke.
    pub fn is_open(self) -> bool {
        matches!(self, TokenState::Good | TokenState::Ending)
    }
}

/// What a new token shall be.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "as in the table")]
pub struct NewToken {
    pub name: Name,
    pub scopes: Vec<TokenScope>,
    pub expires_at: DateTime<Utc>,
}

/// The last day that somebody typed, as the moment at which it is over (UTC).
///
/// # Errors
/// Not a day, gone, or too far away.
pub fn last_day(typed: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Refused> {
    let day = NaiveDate::parse_from_str(typed.trim(), "%Y-%m-%d")
        .map_err(|_| format!("“{}” is not a day. Write it as {}.", shown(typed), suggested(now)))?;
    let today = now.date_naive();
    let last = today.checked_add_days(Days::new(LONGEST)).unwrap_or(today);
    if day < today || day > last {
        return Err(format!("Choose a day from {today} to {last}: a token is good for a year at the most."));
    }
    let over = day.checked_add_days(Days::new(1)).unwrap_or(day);
    Ok(over.and_time(NaiveTime::MIN).and_utc())
}

/// The day that the form suggests: in three months.
pub fn suggested(now: DateTime<Utc>) -> String {
    let today = now.date_naive();
    today.checked_add_days(Days::new(90)).unwrap_or(today).to_string()
}

/// The last day as people read it.
pub fn until(expires_at: DateTime<Utc>) -> String {
    (expires_at - chrono::TimeDelta::seconds(1)).format("%-d %b %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t11_tokens_are_random_and_anything_else_has_no_hash() {
        let (one, two) = (fresh(), fresh());
        assert_ne!(one.expose_secret(), two.expose_secret());
        assert_eq!(hash(one.expose_secret()).unwrap().len(), 32);
        assert_eq!(hint(&one).len(), 4);
        let text = one.expose_secret();
        for bad in ["", "portico_", &text[1..], &text[..text.len() - 1], &format!("{text}x"), &text.replace('_', " ")] {
            assert!(hash(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn t11_no_scope_holds_more_than_a_partner_admin() {
        let most = Powers::of(Role::PartnerAdmin).at_one_partner();
        for scope in TokenScope::ALL {
            let powers = scope.powers(false);
            assert!(powers.beyond(most).is_empty() && !powers.is_empty(), "{}", scope.key());
            assert_eq!(powers.rules().count(), scope.rules().len(), "{}", scope.key());
            // The same, or nothing at all, where the token is a program's.
            let wide = scope.powers(true);
            assert_eq!(wide, if scope.is_of_programs() { powers } else { Powers::default() }, "{}", scope.key());
        }
    }

    #[test]
    fn days_are_from_today_to_a_year() {
        let now = "2026-11-20T09:42:00Z".parse().unwrap();
        assert_eq!(last_day("2026-11-20", now).unwrap().to_string(), "2026-11-21 00:00:00 UTC");
        assert!(last_day("2027-11-20", now).is_ok());
        for bad in ["", "2026-11-19", "2027-11-21", "20.11.2026", "9999-12-31", "+262142-12-31"] {
            assert!(last_day(bad, now).is_err(), "{bad}");
        }
    }
}

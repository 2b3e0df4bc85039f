//! Tier assignments that end soon, and the configuration check; there only while the program has tiers (S1-18).

use chrono::TimeDelta;

use crate::access::{AssignTier, Permission, ReadCampaign, Scope};
use crate::campaigns::timeline::Names;
use crate::campaigns::views::day;
use crate::campaigns::{self, store};
use crate::db::ReadTx;
use crate::web::error::AppError;

/// How long before its end an assignment is listed.
const SOON: TimeDelta = TimeDelta::days(14);
/// Rows that are shown.
const SHOWN: usize = 6;

/// One that ends.
pub struct EndingRow {
    /// Its line below the timeline.
    pub address: String,
    pub whose: String,
    pub tier: String,
    pub campaign: String,
    /// "24 Nov 2026", in its own zone.
    pub last: String,
    pub zone: String,
    /// "today", "tomorrow" or "in 3 days".
    pub left: String,
    /// Where it is extended, for who may.
    pub extend: Option<String>,
}

/// The panel.
pub struct Ending {
    pub rows: Vec<EndingRow>,
    pub has_more: bool,
    /// Whether the configuration check is theirs to look at.
    pub checks: bool,
}

/// The panel, for who may read campaigns. A partner's own people see theirs, and no panel without one.
///
/// # Errors
/// When the database does not answer.
pub fn panel(tx: &mut ReadTx<'_>, tiers_on: bool) -> Result<Option<Ending>, AppError> {
    if !tiers_on || !tx.actor().may(&ReadCampaign::RULE) {
        return Ok(None);
    }
    let checks = matches!(tx.scope(), Scope::Program(_));
    let mut found = store::ending(tx, SOON, SHOWN as i64 + 1)?;
    if found.is_empty() {
        return Ok(checks.then_some(Ending { rows: Vec::new(), has_more: false, checks }));
    }
    let has_more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let (names, now) = (Names::of(tx, &found)?, tx.now());
    let ids: Vec<_> = found.iter().map(|one| one.campaign_id).collect();
    let (campaigns, may_extend) = (store::some(tx, &ids)?, tx.actor().may(&AssignTier::RULE));
    let rows = found.iter().map(|one| {
        let (days, campaign) = (one.days(), campaigns.iter().find(|campaign| campaign.id == one.campaign_id));
        let address = campaigns::address(one.campaign_id);
        let today = now.with_timezone(&one.time_zone.tz()).date_naive();
        let left = days.last.map_or(0, |last| (last - today).num_days());
        EndingRow {
            whose: names.whose(one),
            tier: names.tier(one),
            campaign: campaign.map(|campaign| campaign.name.to_string()).unwrap_or_default(),
            last: day(days.last),
            zone: one.time_zone.to_string(),
            left: match left {
                ..=0 => "today".into(),
                1 => "tomorrow".into(),
                days => format!("in {days} days"),
            },
            extend: may_extend.then(|| format!("{address}/assignments/bulk?act=extend&id={}", one.id)),
            address: format!("{address}/partners#a-{}", one.id),
        }
    });
    Ok(Some(Ending { rows: rows.collect(), has_more, checks }))
}

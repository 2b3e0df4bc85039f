//! Campaigns of the demo's first program, with their partners and, once there are tiers, their assignments.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::story::{Known, grant, person, read};
use super::{Stage, told};
use crate::access::{AssignTier, CreateCampaign, UpdateCampaign};
use crate::campaigns::dates::DayRange;
use crate::campaigns::forms::Typed;
use crate::campaigns::messages::Messages;
use crate::campaigns::model::{AssignmentState, Display, Facts, Step};
use crate::campaigns::{assign, edit, links, moves, store};
use crate::db::ids::CampaignId;
use crate::db::{Change, WriteTx};
use crate::values::{Name, Zone};
use crate::web::error::AppError;

const DELE: &str = "dele.martins@solstice.example";

/// Whose, which precedence, from and through which day of the campaign (none: no end), and whether it is live.
type Line = (&'static str, i32, i64, Option<i64>, AssignmentState);

use AssignmentState::{Draft, Live};

const WINTER: &[Line] = &[
    ("KESTREL", 2, 0, Some(54), Live),
    ("KESTREL", 2, 55, Some(181), Draft),
    ("SHINONOME", 2, 0, Some(181), Live),
    ("HARVEST", 3, 0, Some(75), Live),
    ("HARVEST", 3, 101, None, Live),
    ("NORDLYS", 1, -17, Some(60), Live),
    ("OEUSF", 3, 61, Some(150), Live),
    ("VELVET", 4, -30, Some(30), Live),
];

const SPRING: &[Line] = &[("SHINONOME", 3, 0, Some(60), Live)];

/// Campaigns are made by the CSR who would, and started.
pub fn tell(stage: &Stage, known: &Known) -> anyhow::Result<()> {
    let dele = person(known, DELE);
    let today = stage.today.date_naive();
    let month = |day: NaiveDate| day.with_day(1).unwrap_or(day);
    let first = month(today.checked_sub_days(Days::new(50)).unwrap_or(today));
    let year = first.format("%Y").to_string();
    stage.at(70, 200);
    campaign(stage, dele, ("Winter Double Miles", &format!("WINTER-{year}")), (first, 6), WINTER, true)?;
    stage.at(6, 300);
    let spring = first.checked_add_months(Months::new(6)).unwrap_or(first);
    campaign(stage, dele, ("Spring Nights", &format!("SPRING-{}", spring.format("%Y"))), (spring, 2), SPRING, false)
}

fn campaign(
    stage: &Stage,
    dele: crate::db::ids::UserId,
    (name, code): (&str, &str),
    (first, months): (NaiveDate, u32),
    lines: &[Line],
    started: bool,
) -> anyhow::Result<()> {
    let last = first.checked_add_months(Months::new(months)).and_then(|day| day.pred_opt());
    let make = grant::<CreateCampaign>(stage, dele)?;
    let facts = Facts {
        code: code.to_owned(),
        name: read(Name::parse(name))?,
        description: "Double miles at partners that members visit in these months.".into(),
        zone: read(Zone::parse("Europe/Lisbon"))?,
        days: DayRange { first, last },
        display: Display::Filter,
        messages: Messages::default(),
    };
    let (id, _) = stage.db.write_now(&make, |tx| edit::made(tx, &facts, i32::from(started) * 2)).map_err(told)?;
    let change = grant::<UpdateCampaign>(stage, dele)?;
    let mut codes: Vec<String> = lines.iter().map(|line| line.0.to_owned()).collect();
    codes.dedup();
    stage.db.write_now(&change, |tx| links::linked(tx, &id.to_string(), &codes)).map_err(told)?;
    let order = grant::<AssignTier>(stage, dele)?;
    stage.db.write_now(&order, |tx| assigned(tx, id, lines)).map_err(told)?;
    if started {
        // A campaign takes its time.
        stage.at(70, 275);
        stage.db.write_now(&change, |tx| moves::moved(tx, &id.to_string(), 1, Step::Submit, "")).map_err(told)?;
    }
    Ok(())
}

fn assigned(tx: &mut WriteTx<'_, AssignTier>, id: CampaignId, lines: &[Line]) -> Result<Change<()>, AppError> {
    let campaign = store::find(tx, &id.to_string())?;
    let first = campaign.days().first;
    let tiers = store::tiers(tx)?;
    let ids: Vec<_> = store::links(tx, campaign.id)?.iter().map(|link| link.partner_id).collect();
    let partners = store::partner_lines(tx, &ids)?;
    let day = |after: i64| first.checked_add_signed(chrono::TimeDelta::days(after)).unwrap_or(first);
    let mut events = Vec::new();
    for (code, precedence, from, until, state) in lines {
        let (Some(partner), Some(tier)) = (
            partners.iter().find(|partner| partner.code == *code),
            tiers.iter().find(|tier| tier.precedence == *precedence),
        ) else {
            continue;
        };
        let days = DayRange { first: day(*from), last: until.map(day) };
        let typed = Typed { tier: tier.id, days, state: *state };
        let plan = assign::made_plan(&campaign, partner.clone(), None, tier.clone(), &typed, None);
        store::insert_assignment(tx, None, &plan.new)?;
        events.push(assign::assigned(&campaign, &plan));
    }
    Ok(Change::of((), events))
}

//! What a row means for an assignment. Changes of those that are there come first, then new ones, so that what a file
//! makes room for fits; each row sees what the rows before have made.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use chrono::{DateTime, NaiveDate, Utc};

use super::fields::{self, Field};
use super::ground::{Ground, Pair, Whose};
use super::write::Writes;
use super::{Assignments, Target};
use crate::access::AssignTier;
use crate::campaigns::assign::{back_to_draft, differences, made_plan};
use crate::campaigns::dates::DayRange;
use crate::campaigns::findings::{self, Plan};
use crate::campaigns::forms::Typed;
use crate::campaigns::model::{Assignment, AssignmentState, Campaign, ProductLine};
use crate::campaigns::store::AssignmentBefore;
use crate::db::WriteTx;
use crate::db::ids::{AssignmentId, ProductId};
use crate::imports::Decided;
use crate::imports::file::{Row, Table, is_empty};
use crate::imports::model::{Line, Outcome, Refusal, readable};
use crate::products::model::Product;
use crate::web::error::AppError;

type No = Refusal<Field>;

/// What no two rows may both be.
type Key = (Pair, Option<ProductId>, NaiveDate, bool);

/// Decides every row.
///
/// # Errors
/// When the database does not answer.
pub fn decide(
    tx: &mut WriteTx<'_, AssignTier>,
    table: &Table,
    places: &BTreeMap<Field, usize>,
) -> Result<Decided<Assignments>, AppError> {
    let mut deciding = Deciding {
        ground: Ground::load(tx, table, places)?,
        now: tx.now(),
        seen: HashMap::new(),
        made: HashMap::new(),
        writes: Writes::default(),
    };
    let (mut lines, mut later) = (Vec::new(), Vec::new());
    for (place, row) in table.rows.iter().enumerate() {
        let mut line = deciding.line(row);
        match deciding.read(row, &mut line) {
            Err(refusal) => line.refuse(refusal),
            Ok(Read { plan, campaign, present: None }) => later.push((place, campaign, plan)),
            Ok(Read { plan, campaign, present: Some(before) }) => {
                if let Err(refusal) = deciding.change(place, campaign, before, plan, &mut line) {
                    line.refuse(refusal);
                }
            }
        }
        lines.push(line);
    }
    for (place, campaign, plan) in later {
        let Some(line) = lines.get_mut(place) else { continue };
        if let Err(refusal) = deciding.make(place, campaign, plan, line) {
            line.refuse(refusal);
        }
    }
    Ok((lines, deciding.writes))
}

/// A row that can be understood: as it would be saved, and what it is now.
struct Read {
    plan: Plan,
    campaign: Rc<Campaign>,
    present: Option<Assignment>,
}

struct Deciding<'a> {
    ground: Ground<'a>,
    now: DateTime<Utc>,
    /// The line on which an assignment stood already.
    seen: HashMap<Key, i32>,
    /// The line that makes or changes an assignment.
    made: HashMap<AssignmentId, i32>,
    writes: Writes,
}

impl Deciding<'_> {
    fn line(&self, row: &Row) -> Line<Assignments> {
        let cells = self.ground.cells(row);
        let mut whose: String = self.ground.partner_code(row).chars().filter(|c| !c.is_control()).take(60).collect();
        let sku = cells.shown(Field::Sku, 60);
        if !is_empty(&sku) {
            whose = format!("{whose} · {sku}");
        }
        Line::new(row, cells.shown(Field::Campaign, 60), whose, cells.shown(Field::Tier, 60))
    }

    fn read(&mut self, row: &Row, line: &mut Line<Assignments>) -> Result<Read, No> {
        readable(row)?;
        let cells = self.ground.cells(row);
        let whose = self.ground.whose(row)?;
        let tier = fields::tier(&self.ground.names.tiers, cells.required(Field::Tier)?)
            .map_err(|why| Refusal::of(Field::Tier, why))?
            .clone();
        let said = cells.said(Field::State).map(fields::state).transpose();
        let said = said.map_err(|why| Refusal::of(Field::State, why))?;
        let first = days(cells.required(Field::Start)?, "")?.first;
        let key = (whose.pair(), whose.product_id(), first, said == Some(AssignmentState::Draft));
        let present = self.present(&whose, first, said)?;
        let last = match (self.ground.says(Field::Expiry), &present) {
            (false, Some(before)) => before.days().last,
            _ => cells
                .said(Field::Expiry)
                .map_or(Ok(None), |last| days(&first.to_string(), last).map(|days| days.last))?,
        };
        let state = said.or(present.as_ref().map(|one| one.state)).unwrap_or(AssignmentState::Live);
        let typed = Typed { tier: tier.id, days: DayRange { first, last }, state };
        if let Some(why) = present.as_ref().and_then(|one| back_to_draft(one, &typed, self.now)) {
            return Err(Refusal::of(Field::State, why));
        }
        line.warning = whose.is_archived().then(|| "The product is archived.".to_owned());
        let product = whose.product.map(product_line);
        let (campaign, partner) = (whose.campaign.clone(), whose.partner.clone());
        let plan = made_plan(&campaign, partner, product, tier, &typed, present.as_ref());
        line.name = plan.tier.words();
        if let Some(before) = self.seen.insert(key, row.line) {
            let why = format!("Line {before} has the same campaign, partner, product and first day.");
            return Err(Refusal::of(Field::Start, why));
        }
        Ok(Read { plan, campaign, present })
    }

    /// The one that begins on the day: the live one, unless the file says that it is a draft.
    fn present(
        &self,
        whose: &Whose<'_>,
        first: NaiveDate,
        said: Option<AssignmentState>,
    ) -> Result<Option<Assignment>, No> {
        let all = self.ground.world.get(&whose.pair()).map(Vec::as_slice).unwrap_or_default();
        let begin: Vec<&Assignment> = all
            .iter()
            .filter(|one| one.product_id == whose.product_id() && one.days().first == first)
            // What this file makes is no match for another of its rows.
            .filter(|one| !self.made.contains_key(&one.id))
            .collect();
        let wanted = said.unwrap_or(AssignmentState::Live);
        let like: Vec<&&Assignment> = begin.iter().filter(|one| one.state == wanted).collect();
        match (like.as_slice(), begin.as_slice()) {
            ([], []) => Ok(None),
            ([one], _) => Ok(Some((**one).clone())),
            ([], [one]) => Ok(Some((*one).clone())),
            _ => Err(Refusal::of(Field::Start, "Several drafts begin on this day. Change them by hand.")),
        }
    }

    fn change(
        &mut self,
        place: usize,
        campaign: Rc<Campaign>,
        before: Assignment,
        plan: Plan,
        line: &mut Line<Assignments>,
    ) -> Result<(), No> {
        let target = Target { campaign: campaign.id, assignment: before.id };
        line.target = Some(target);
        line.changes = differences(&self.ground.names.tiers, &before, &plan);
        if line.changes.is_empty() {
            line.outcome = Outcome::Unchanged;
            self.made.insert(before.id, line.line);
            return Ok(());
        }
        self.free(&plan)?;
        line.outcome = Outcome::Updated;
        line.before = Some(AssignmentBefore::of(&before));
        self.remember(before.id, &plan, line);
        self.writes.changed(place, campaign, before, plan);
        Ok(())
    }

    fn make(
        &mut self,
        place: usize,
        campaign: Rc<Campaign>,
        plan: Plan,
        line: &mut Line<Assignments>,
    ) -> Result<(), No> {
        self.free(&plan)?;
        line.outcome = Outcome::Created;
        line.changes = plan.as_new();
        let id = AssignmentId::new();
        self.remember(id, &plan, line);
        line.warning = self.warned(&campaign, &plan, line.warning.take());
        self.writes.made(place, campaign, id, plan);
        Ok(())
    }

    /// No other live one covers its days, stored or in the file.
    fn free(&self, plan: &Plan) -> Result<(), No> {
        let all = self.ground.world.get(&(plan.new.campaign, plan.new.partner));
        let all = all.map(Vec::as_slice).unwrap_or_default();
        let Some(hit) = findings::overlapped(all, plan) else { return Ok(()) };
        let line = self.made.get(&hit.id).map(|line| format!(" It is line {line} of the file.")).unwrap_or_default();
        Err(Refusal::of(Field::Start, format!("{}{line}", findings::in_the_way(&self.ground.names, hit))))
    }

    /// The rows after it see it as it will be.
    fn remember(&mut self, id: AssignmentId, plan: &Plan, line: &Line<Assignments>) {
        self.made.insert(id, line.line);
        let all = self.ground.world.entry((plan.new.campaign, plan.new.partner)).or_default();
        all.retain(|one| one.id != id);
        all.push(plan.as_stored(id));
    }

    /// What is questionable about its dates.
    fn warned(&self, campaign: &Campaign, plan: &Plan, before: Option<String>) -> Option<String> {
        let dates = findings::dates(self.now, campaign, plan);
        let said: Vec<String> =
            before.into_iter().chain(dates.into_iter().filter(|one| one.is_problem()).map(|one| one.text)).collect();
        (!said.is_empty()).then(|| said.join(" "))
    }
}

fn days(first: &str, last: &str) -> Result<DayRange, No> {
    DayRange::parse(first, last).map_err(|(first, last)| match (first, last) {
        (Some(why), _) => Refusal::of(Field::Start, why),
        (None, why) => Refusal::of(Field::Expiry, why.unwrap_or_default()),
    })
}

fn product_line(product: &Product) -> ProductLine {
    ProductLine {
        id: product.id,
        partner_id: product.partner_id,
        sku: product.sku.clone(),
        name: product.name.clone(),
        sort_name: String::new(),
        status: "active".into(),
    }
}

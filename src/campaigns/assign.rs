//! Assigning a tier, and changing an assignment: typed, looked at, saved; or tried out without saving (S1-19).

mod look;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use chrono::{DateTime, Utc};

use super::findings::{self, Plan};
use super::forms::{self, Typed, Whose};
use super::measures;
use super::model::{Assignment, AssignmentState, Campaign, ProductLine, TierLine};
use super::store::{self, NewAssignment, PartnerLine, UndoStep};
use super::timeline::{Names, tier_words};
use crate::access::session::leave_flash;
use crate::access::{AssignTier, Grant};
use crate::activity::{CampaignEvent, Event, FieldChange};
use crate::app::App;
use crate::db::ids::PartnerId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners::model::Status;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::listing::{Keyset, Params};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

pub use look::{Cell, Look, Practice};

/// Products offered one by one at the most.
const LISTED: i64 = 500;

/// The form, and the page that shows what it would do.
#[derive(Template)]
#[template(path = "campaigns/assign.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct AssignPage {
    pub campaign: Campaign,
    pub form: Form,
    pub present: Option<(Assignment, String)>,
    pub whose: Vec<(String, String)>,
    pub tiers: Vec<(String, String)>,
    pub look: Option<Look>,
    pub notice: Option<String>,
}

impl AssignPage {
    fn address(&self) -> String {
        super::address(self.campaign.id)
    }

    fn action(&self) -> String {
        match &self.present {
            Some((present, _)) => format!("{}/assignments/{}/edit", self.address(), present.id),
            None => format!("{}/assignments/new", self.address()),
        }
    }

    fn title(&self) -> String {
        match &self.present {
            Some(_) => "Change assignment".into(),
            None => format!("Assign a tier in {}", self.campaign.name),
        }
    }

    fn states(&self) -> Vec<(&'static str, &'static str)> {
        AssignmentState::ALL.iter().rev().map(|one| (one.key(), one.label())).collect()
    }

    /// Whose days they are: of an assignment that is there its own zone is known.
    fn zone(&self) -> String {
        self.present.as_ref().map_or_else(|| "the partner’s zone".into(), |(present, _)| present.time_zone.to_string())
    }

    fn first_hint(&self) -> String {
        format!("From 00:00 in {}.", self.zone())
    }

    fn last_hint(&self) -> String {
        format!("Included, in {}. Empty: no end.", self.zone())
    }

    /// What was typed, for the next step.
    fn kept(&self) -> Vec<(String, String)> {
        let is_ours =
            |name: &str| matches!(name, "whose" | "tier" | "first_day" | "last_day" | "state" | "version" | "held");
        self.form.pairs().iter().filter(|(name, _)| is_ours(name)).cloned().collect()
    }
}

/// An open campaign of a program that has tiers.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope; [`AppError::Refused`] while it cannot be changed, or tiers are off.
pub fn open(tx: &mut ReadTx<'_>, id: &str) -> Result<Campaign, AppError> {
    let campaign = store::find(tx, id)?;
    super::needs_tiers(tx)?;
    campaign.state.needs_open().map_err(AppError::Refused)?;
    Ok(campaign)
}

/// The partners of a campaign with their products, as the select offers them.
fn offered(tx: &mut ReadTx<'_>, campaign: &Campaign) -> Result<(Vec<PartnerLine>, Vec<ProductLine>), AppError> {
    let ids: Vec<PartnerId> = store::links(tx, campaign.id)?.iter().map(|link| link.partner_id).collect();
    let products = store::products_of(tx, &ids, &Keyset { size: LISTED, at: None, backward: false })?;
    Ok((store::lines_of_campaign(tx, campaign.id)?.to_vec(), products))
}

fn page(
    tx: &mut ReadTx<'_>,
    campaign: Campaign,
    form: Form,
    present: Option<Assignment>,
) -> Result<AssignPage, AppError> {
    let (partners, products) = offered(tx, &campaign)?;
    let mut whose = Vec::new();
    for partner in &partners {
        let all = format!("{} ({}): all its products, {}", partner.name, partner.code, partner.time_zone);
        whose.push((partner.code.clone(), all));
        let own = products.iter().filter(|product| product.partner_id == partner.id);
        whose.extend(own.map(|one| {
            (format!("{}/{}", partner.code, one.id), format!("{} · {} ({})", partner.name, one.name, one.sku))
        }));
    }
    let present = match present {
        Some(one) => {
            let names = Names::of(tx, std::slice::from_ref(&one))?;
            let words = names.whose(&one);
            Some((one, words))
        }
        None => None,
    };
    let tiers = store::tiers(tx)?.iter().map(|tier| (tier.id.to_string(), tier_words(tier))).collect();
    Ok(AssignPage { campaign, form, present, whose, tiers, look: None, notice: None })
}

fn answer(body: AssignPage, status: StatusCode, req: &HttpRequest) -> PageResult {
    Ok(Page::new(body.title(), Nav::Campaigns, body).status(status).answer(req))
}

/// `GET /campaigns/{id}/assignments/new`
///
/// # Errors
/// As every page; [`AppError::Refused`] while tiers are off.
pub async fn new(
    grant: Grant<AssignTier>,
    app: Data<App>,
    id: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let campaign = open(tx, &id)?;
            let mut form = Form::filled(
                ["whose", "tier", "first_day", "last_day"].map(|name| (name, params.get(name).to_owned())),
            );
            form.set("state", AssignmentState::Live.key());
            page(tx, campaign, form, None)
        })
        .await?;
    answer(body, StatusCode::OK, &req)
}

/// `GET /campaigns/{id}/assignments/{assignment}/edit`
///
/// # Errors
/// As every page; [`AppError::Refused`] while tiers are off.
pub async fn edit(
    grant: Grant<AssignTier>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (id, assignment) = path.into_inner();
    let body = app
        .db
        .read(&grant, move |tx| {
            let campaign = open(tx, &id)?;
            let present = store::one_assignment(tx, campaign.id, &assignment)?;
            let form = filled(&present);
            page(tx, campaign, form, Some(present))
        })
        .await?;
    answer(body, StatusCode::OK, &req)
}

fn filled(present: &Assignment) -> Form {
    let days = present.days();
    Form::filled([
        ("tier", present.tier_id.to_string()),
        ("first_day", days.first.to_string()),
        ("last_day", days.last.map(|day| day.to_string()).unwrap_or_default()),
        ("state", present.state.key().into()),
        ("version", present.version.to_string()),
    ])
}

/// `POST /campaigns/{id}/assignments/new`: looks, tries out, and once what was found was seen, saves.
///
/// # Errors
/// As every page.
pub async fn create(
    grant: Grant<AssignTier>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    submitted(grant, app, (id.into_inner(), None), form, req).await
}

/// `POST /campaigns/{id}/assignments/{assignment}/edit`
///
/// # Errors
/// As every page; [`AppError::Conflict`] when somebody was faster.
pub async fn update(
    grant: Grant<AssignTier>,
    app: Data<App>,
    path: Path<(String, String)>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (id, assignment) = path.into_inner();
    submitted(grant, app, (id, Some((assignment, form.version()?))), form, req).await
}

/// Which campaign, and of an edit which assignment at which version.
type Place = (String, Option<(String, i32)>);

async fn submitted(grant: Grant<AssignTier>, app: Data<App>, place: Place, form: Form, req: HttpRequest) -> PageResult {
    let (typed, at) = (form.clone(), place.clone());
    let (mut body, status, ready) = app.db.read(&grant, move |tx| looked(tx, &at, typed)).await?;
    if !ready {
        return answer(body, status, &req);
    }
    let left = body.look.as_ref().map_or(0, |look| measures::problems(&look.findings));
    let (typed, at, caught) = (form.clone(), place.clone(), measures::caught(&form, left));
    match app.db.write(&grant, move |tx| saved(tx, &at, &typed, caught)).await {
        Ok(sentence) => {
            leave_flash(&req, "good", &format!("Saved: {sentence}. You can undo it here."));
            Ok(see_other(&format!("{}/partners", body.address())))
        }
        Err(AppError::Invalid(errors)) => {
            body.form = measures::refused(form.with_errors(errors));
            body.look = None;
            answer(body, StatusCode::UNPROCESSABLE_ENTITY, &req)
        }
        Err(other) => Err(other),
    }
}

/// The page of what was typed, its status, and whether it can be saved now.
type Looked = (AssignPage, StatusCode, bool);

fn refused(
    tx: &mut ReadTx<'_>,
    campaign: Campaign,
    form: Form,
    present: Option<Assignment>,
) -> Result<Looked, AppError> {
    Ok((page(tx, campaign, measures::refused(form), present)?, StatusCode::UNPROCESSABLE_ENTITY, false))
}

fn looked(tx: &mut ReadTx<'_>, place: &Place, mut form: Form) -> Result<Looked, AppError> {
    let campaign = open(tx, &place.0)?;
    let present = present(tx, &campaign, place)?;
    let act = form.value("do").to_owned();
    if act == "change" {
        return Ok((page(tx, campaign, form, present)?, StatusCode::OK, false));
    }
    let plan = match plan(tx, &campaign, &form, present.as_ref())? {
        Ok(plan) => plan,
        Err(form) => return refused(tx, campaign, form, present),
    };
    let (all, names) = findings::around(tx, &campaign, &plan.partner)?;
    if let Some(refused) = findings::refusal(&all, &names, &plan) {
        return self::refused(tx, campaign, form.with_errors(vec![refused]), present);
    }
    let found = findings::of(tx, &campaign, &all, &names, &plan)?;
    let digest = findings::digest(&found);
    if form.value("checked") != digest {
        measures::hold(&mut form, measures::problems(&found));
    }
    let ready = act == "save" && form.value("checked") == digest;
    let look = look::look(tx, &campaign, &all, &plan, found, digest, act == "practice")?;
    let mut page = page(tx, campaign, form, present)?;
    page.look = Some(look);
    Ok((page, StatusCode::OK, ready))
}

fn present(tx: &mut ReadTx<'_>, campaign: &Campaign, place: &Place) -> Result<Option<Assignment>, AppError> {
    match &place.1 {
        None => Ok(None),
        Some((id, seen)) => {
            let one = store::one_assignment(tx, campaign.id, id)?;
            if one.version == *seen {
                return Ok(Some(one));
            }
            Err(AppError::Conflict(format!(
                "{} changed this assignment meanwhile (it is {} now), so nothing was saved. Open it again.",
                one.updated_by_name,
                one.days().words(one.time_zone.tz())
            )))
        }
    }
}

/// What was typed as it would be saved, or the form with every error.
fn plan(
    tx: &mut ReadTx<'_>,
    campaign: &Campaign,
    form: &Form,
    present: Option<&Assignment>,
) -> Result<Result<Plan, Form>, AppError> {
    let tiers = store::tiers(tx)?;
    let (partners, _) = offered(tx, campaign)?;
    let mut whose: Option<(PartnerLine, Option<ProductLine>)> = None;
    let mut refused = None;
    match present {
        Some(one) => {
            let partner = partners.into_iter().find(|partner| partner.id == one.partner_id);
            let names = store::product_names(tx, &one.product_id.into_iter().collect::<Vec<_>>())?;
            let partner = partner.ok_or(AppError::NotFound)?;
            if let Some(why) = frozen(&partner) {
                return Err(AppError::Refused(why));
            }
            let product = one.product_id.map(|id| named(id, one.partner_id, names.get(&id)));
            whose = Some((partner, product));
        }
        None => match chosen(tx, &partners, form.value("whose"))? {
            Ok(found) => whose = Some(found),
            Err(why) => refused = Some(why),
        },
    }
    let typed = forms::assignment(form, &tiers, |check| {
        if let Some(why) = &refused {
            check.refuse("whose", "Partner or product", why.clone());
        }
        refused.is_none()
    });
    let typed = match typed {
        Ok(typed) => typed,
        Err(form) => return Ok(Err(form)),
    };
    if let Some(why) = present.and_then(|one| back_to_draft(one, &typed, tx.now())) {
        return Ok(Err(form.clone().with_errors(vec![FieldError::new("state", "State", why)])));
    }
    let (Some((partner, product)), Some(tier)) = (whose, tiers.into_iter().find(|tier| tier.id == typed.tier)) else {
        return Err(AppError::NotFound);
    };
    Ok(Ok(made_plan(campaign, partner, product, tier, &typed, present)))
}

fn named(id: crate::db::ids::ProductId, partner_id: PartnerId, name: Option<&String>) -> ProductLine {
    let name = name.cloned().unwrap_or_default();
    ProductLine { id, partner_id, sku: String::new(), sort_name: String::new(), name, status: "active".into() }
}

/// A partner of the campaign, and one of its products where one was chosen.
type Chosen = (PartnerLine, Option<ProductLine>);

fn chosen(tx: &mut ReadTx<'_>, partners: &[PartnerLine], typed: &str) -> Result<Result<Chosen, String>, AppError> {
    let whose = match Whose::parse(typed) {
        Ok(whose) => whose,
        Err(why) => return Ok(Err(why)),
    };
    let Some(partner) = partners.iter().find(|partner| partner.code == whose.code).cloned() else {
        return Ok(Err("This partner does not take part in the campaign. Link it first.".into()));
    };
    if let Some(why) = frozen(&partner) {
        return Ok(Err(why));
    }
    let Some(product) = whose.product else { return Ok(Ok((partner, None))) };
    // What is another's is not offered, so it was made up.
    match store::product_names(tx, &[product])?.get(&product) {
        Some(name) if store::owns(tx, partner.id, product)? => {
            let product = named(product, partner.id, Some(name));
            Ok(Ok((partner, Some(product))))
        }
        _ => Ok(Err(format!("{} has no such product. Choose one of the list.", partner.name))),
    }
}

/// Why a partner's assignments stay as they are: what a suspended or archived one has is frozen.
pub fn frozen(partner: &PartnerLine) -> Option<String> {
    let is_frozen = matches!(partner.status, Status::Suspended | Status::Archived);
    let status = partner.status.label().to_lowercase();
    is_frozen.then(|| format!("{} is {status}, so its assignments stay as they are.", partner.name))
}

/// Why a live assignment cannot become a draft again.
pub fn back_to_draft(present: &Assignment, typed: &Typed, now: DateTime<Utc>) -> Option<&'static str> {
    let goes_back = present.state == AssignmentState::Live && typed.state == AssignmentState::Draft;
    (goes_back && !present.is_removable(now)).then_some("It counts already or did. End it early instead.")
}

/// The dates are days of the partner's zone; an edit keeps its own.
pub fn made_plan(
    campaign: &Campaign,
    partner: PartnerLine,
    product: Option<ProductLine>,
    tier: TierLine,
    typed: &Typed,
    present: Option<&Assignment>,
) -> Plan {
    let zone = present.map_or_else(|| partner.time_zone.clone(), |one| one.time_zone.clone());
    let new = NewAssignment {
        partner: partner.id,
        campaign: campaign.id,
        product: product.as_ref().map(|product| product.id),
        tier: tier.id,
        state: typed.state,
        span: typed.days.span(zone.tz()),
        zone,
        ended_early: false,
    };
    let product = product.map(|product| product.name).unwrap_or_default();
    Plan { new, days: typed.days, partner, product, tier, present: present.map(|one| one.id) }
}

/// The use case: an assignment is made or changed; so many problems were put right before. Returns it as a sentence.
///
/// # Errors
/// [`AppError::Invalid`] when it overlaps another; [`AppError::Conflict`] when somebody was faster.
pub fn saved(
    tx: &mut WriteTx<'_, AssignTier>,
    place: &Place,
    form: &Form,
    caught: i32,
) -> Result<Change<String>, AppError> {
    let campaign = open(tx, &place.0)?;
    let present = present(tx, &campaign, place)?;
    let plan = match plan(tx, &campaign, form, present.as_ref())? {
        Ok(plan) => plan,
        Err(form) => return Err(AppError::Invalid(form.errors().to_vec())),
    };
    let (event, step, words) = match &present {
        None => {
            let id = store::insert_assignment(tx, None, &plan.new)?;
            (assigned(&campaign, &plan), UndoStep::made(id), format!("assigned {}", plan.sentence()))
        }
        Some(before) => {
            let changes = differences(&store::tiers(tx)?, before, &plan);
            if changes.is_empty() {
                return Ok(Change::nothing(plan.sentence()));
            }
            store::save_assignment(tx, before, &plan.new)?;
            (
                changed(&campaign, before, &plan, changes),
                UndoStep::changed(before),
                format!("changed {}", plan.sentence()),
            )
        }
    };
    store::keep_undo(tx, &campaign, &words, &[step])?;
    store::add_caught(tx, campaign.id, caught)?;
    Ok(Change::new(plan.sentence(), event))
}

/// What happened to an assignment of a partner.
pub fn event_of(campaign: &Campaign, partner: PartnerId, event: CampaignEvent) -> Event {
    Event::Campaign { campaign: campaign.id, partner: Some(partner), name: campaign.name.to_string(), event }
}

/// Whether it is a draft, or of one, so that partners do not see it.
pub fn is_hidden(campaign: &Campaign, state: AssignmentState) -> bool {
    state == AssignmentState::Draft || !campaign.state.is_known()
}

/// The event of a new assignment.
pub fn assigned(campaign: &Campaign, plan: &Plan) -> Event {
    let draft = if plan.new.state == AssignmentState::Draft { ", as a draft" } else { "" };
    let event = CampaignEvent::Assigned {
        whose: plan.whose(),
        tier: plan.tier.words(),
        days: format!("{}{draft}", plan.days.words(plan.new.zone.tz())),
        hidden: is_hidden(campaign, plan.new.state),
    };
    event_of(campaign, plan.new.partner, event)
}

/// Fields of an edit that differ; none when nothing is different.
pub fn differences(tiers: &[TierLine], before: &Assignment, plan: &Plan) -> Vec<FieldChange> {
    let tier = tiers.iter().find(|tier| tier.id == before.tier_id).map(TierLine::words).unwrap_or_default();
    let zone = plan.new.zone.tz();
    let word = |state: AssignmentState| if state == AssignmentState::Live { "Live" } else { "Draft" };
    [
        FieldChange::of("Tier", tier, plan.tier.words()),
        FieldChange::of("Days", before.days().words(zone), plan.days.words(zone)),
        FieldChange::of("State", word(before.state), word(plan.new.state)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The event of an edit.
pub fn changed(campaign: &Campaign, before: &Assignment, plan: &Plan, changes: Vec<FieldChange>) -> Event {
    let hidden = is_hidden(campaign, before.state) && is_hidden(campaign, plan.new.state);
    let event = CampaignEvent::AssignmentChanged { whose: plan.whose(), tier: plan.tier.words(), changes, hidden };
    event_of(campaign, plan.new.partner, event)
}

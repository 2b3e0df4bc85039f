//! The same tier and days for several partners at once.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use askama::Template;

use super::assign::{assigned, frozen, made_plan, open};
use super::bulk::refused;
use super::findings::{self, Plan};
use super::forms;
use super::model::{AssignmentState, Campaign, TierLine};
use super::moves::crumbs;
use super::store::{self, PartnerLine, UndoStep};
use super::timeline::tier_words;
use crate::access::session::leave_flash;
use crate::access::{AssignTier, Grant};
use crate::app::App;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners::views::ConfirmPage;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::listing::counted;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// The form.
#[derive(Template)]
#[template(path = "campaigns/several.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct SeveralPage {
    pub campaign: Campaign,
    pub form: Form,
    pub partners: Vec<PartnerLine>,
    pub tiers: Vec<(String, String)>,
}

impl SeveralPage {
    fn address(&self) -> String {
        super::address(self.campaign.id)
    }

    fn states(&self) -> Vec<(&'static str, &'static str)> {
        AssignmentState::ALL.iter().rev().map(|one| (one.key(), one.label())).collect()
    }

    fn is_ticked(&self, code: &str) -> bool {
        self.form.values("code").contains(&code)
    }
}

fn linked(tx: &mut ReadTx<'_>, campaign: &Campaign) -> Result<Vec<PartnerLine>, AppError> {
    Ok(store::lines_of_campaign(tx, campaign.id)?.to_vec())
}

fn form_page(tx: &mut ReadTx<'_>, id: &str, form: Form) -> Result<SeveralPage, AppError> {
    let campaign = open(tx, id)?;
    let partners = linked(tx, &campaign)?;
    let tiers = store::tiers(tx)?.iter().map(|tier| (tier.id.to_string(), tier_words(tier))).collect();
    Ok(SeveralPage { campaign, form, partners, tiers })
}

/// `GET /campaigns/{id}/assignments/several`
///
/// # Errors
/// As every page.
pub async fn form(grant: Grant<AssignTier>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let blank = Form::filled([("state", AssignmentState::Live.key().to_owned())]);
    let body = app.db.read(&grant, move |tx| form_page(tx, &id, blank)).await?;
    Ok(Page::new("Assign several partners", Nav::Campaigns, body).answer(&req))
}

/// Assignments that can be made, and partners that are left as they are.
struct Sorted {
    campaign: Campaign,
    able: Vec<Plan>,
    skipped: Vec<String>,
}

fn sorted(tx: &mut ReadTx<'_>, id: &str, form: &Form) -> Result<Result<Sorted, Form>, AppError> {
    let campaign = open(tx, id)?;
    let tiers = store::tiers(tx)?;
    let codes = form.values("code");
    let typed = forms::assignment(form, &tiers, |check| {
        if codes.is_empty() {
            check.refuse("code", "Partners", "Tick at least one partner.");
        }
        !codes.is_empty()
    });
    let typed = match typed {
        Ok(typed) => typed,
        Err(form) => return Ok(Err(form)),
    };
    let tier: TierLine = tiers.into_iter().find(|tier| tier.id == typed.tier).ok_or(AppError::NotFound)?;
    let partners = linked(tx, &campaign)?;
    let mut found = Sorted { campaign, able: Vec::new(), skipped: Vec::new() };
    for partner in partners.into_iter().filter(|partner| codes.contains(&partner.code.as_str())) {
        if let Some(why) = frozen(&partner) {
            found.skipped.push(why);
            continue;
        }
        let plan = made_plan(&found.campaign, partner, None, tier.clone(), &typed, None);
        let (all, names) = findings::around(tx, &found.campaign, &plan.partner)?;
        match findings::refusal(&all, &names, &plan) {
            Some(why) => found.skipped.push(format!("{}: {}", plan.partner.name, why.message)),
            None => found.able.push(plan),
        }
    }
    Ok(Ok(found))
}

/// `POST /campaigns/{id}/assignments/several`: asks, and with `confirmed` does it.
///
/// # Errors
/// As every page; [`AppError::Conflict`] when what was listed is no longer so.
pub async fn assign(
    grant: Grant<AssignTier>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    if form.is("confirmed", "yes") {
        let (count, address) = app.db.write(&grant, move |tx| done(tx, &id, &form)).await?;
        let partners = counted(count, "partner has", "partners have");
        leave_flash(&req, "good", &format!("{partners} a tier now. You can undo it here."));
        return Ok(see_other(&address));
    }
    let (wanted, typed) = (id.clone(), form.clone());
    let looked = app.db.read(&grant, move |tx| {
        Ok(match sorted(tx, &wanted, &typed)? {
            Ok(found) => Ok(confirm_page(tx, &found, &typed)?),
            Err(form) => Err(form),
        })
    });
    match looked.await? {
        Ok(body) => Ok(Page::new(body.title.clone(), Nav::Campaigns, body).answer(&req)),
        Err(form) => {
            let body = app.db.read(&grant, move |tx| form_page(tx, &id, form)).await?;
            Ok(Page::new("Assign several partners", Nav::Campaigns, body).refused().answer(&req))
        }
    }
}

fn confirm_page(tx: &mut ReadTx<'_>, found: &Sorted, form: &Form) -> Result<ConfirmPage, AppError> {
    let address = super::address(found.campaign.id);
    let count = counted(found.able.len() as i64, "partner", "partners");
    let mut effects = Vec::new();
    for plan in &found.able {
        let (all, names) = findings::around(tx, &found.campaign, &plan.partner)?;
        let notes = findings::of(tx, &found.campaign, &all, &names, plan)?;
        effects.push(plan.sentence());
        effects.extend(
            notes.iter().map(|note| format!("{}, {}: {}", plan.partner.name, note.title.to_lowercase(), note.text)),
        );
    }
    let mut hidden: Vec<(String, String)> =
        found.able.iter().map(|plan| ("code".into(), plan.partner.code.clone())).collect();
    let kept = ["tier", "first_day", "last_day", "state"].map(|name| (name.to_owned(), form.value(name).to_owned()));
    hidden.extend(kept);
    hidden.push(("confirmed".into(), "yes".into()));
    Ok(ConfirmPage {
        crumbs: crumbs(&found.campaign),
        title: format!("Assign a tier to {count}?"),
        lead: match found.able.is_empty() {
            true => "None of them can be assigned this way.".into(),
            false => "All of them, or none if one cannot be saved. Days are those of each partner’s own zone.".into(),
        },
        effects,
        skipped: found.skipped.clone(),
        action: if found.able.is_empty() { String::new() } else { format!("{address}/assignments/several") },
        button: format!("Assign {count}"),
        harsh: false,
        cancel: format!("{address}/assignments/several"),
        reason: None,
        tick: None,
        hidden,
        form: Form::default(),
    })
}

/// The use case: several partners are assigned a tier.
///
/// # Errors
/// [`AppError::Conflict`] when one of them cannot be any more.
pub fn done(tx: &mut WriteTx<'_, AssignTier>, id: &str, form: &Form) -> Result<Change<(i64, String)>, AppError> {
    let found = match sorted(tx, id, form)? {
        Ok(found) => found,
        Err(form) => return Err(AppError::Invalid(form.errors().to_vec())),
    };
    if !found.skipped.is_empty() || found.able.len() != form.values("code").len() {
        return Err(AppError::Conflict(
            "One of the partners was changed after the list was made, so none was assigned. Go back and choose again."
                .into(),
        ));
    }
    let (mut events, mut steps) = (Vec::new(), Vec::new());
    for plan in &found.able {
        steps.push(UndoStep::made(store::insert_assignment(tx, None, &plan.new).map_err(refused)?));
        events.push(assigned(&found.campaign, plan));
    }
    let count = found.able.len() as i64;
    store::keep_undo(tx, &found.campaign, &format!("assigned {}", counted(count, "partner", "partners")), &steps)?;
    Ok(Change::of((count, format!("{}/partners", super::address(found.campaign.id))), events))
}

/// An error that stands beside no field, for pages that have none.
pub fn one_error(field: &'static str, label: &'static str, why: &str) -> Vec<FieldError> {
    vec![FieldError::new(field, label, why)]
}

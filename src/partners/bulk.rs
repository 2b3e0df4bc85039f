//! Several partners at once: what will change and what is skipped is listed before anything is done.

use actix_web::HttpRequest;
use actix_web::web::Data;

use super::model::{Move, Partner};
use super::offboard::{UNREACHABLE, needs_contact};
use super::store::{self, Filter, Sort};
use super::views::ConfirmPage;
use crate::access::session::leave_flash;
use crate::access::{Grant, ManagePartnerStatus};
use crate::app::App;
use crate::db::ids::PartnerId;
use crate::db::{Change, ReadTx};
use crate::values::{Choice, paragraphs};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::Keyset;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// Partners in one go at the most.
const AT_ONCE: i64 = 100;

/// `POST /partners/bulk`: asks, and with `confirmed` does it. An export is only a way on.
///
/// # Errors
/// As every page.
pub async fn apply(grant: Grant<ManagePartnerStatus>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let ids: Vec<PartnerId> = form.values("id").iter().filter_map(|id| id.parse().ok()).take(100).collect();
    if form.is("act", "export") && !ids.is_empty() {
        let query: Vec<String> = ids.iter().map(|id| format!("id={id}")).collect();
        return Ok(see_other(&format!("/partners/export.csv?{}", query.join("&"))));
    }
    let wanted = Move::from_address(form.value("act"))
        .ok_or_else(|| AppError::BadRequest("Choose what to do with the partners.".into()))?;
    if ids.is_empty() {
        leave_flash(&req, "info", "Tick at least one partner first.");
        return Ok(see_other("/partners"));
    }
    let chosen = app
        .db
        .read(&grant, move |tx| {
            let filter = Filter { ids: Some(ids), ..Filter::default() };
            let found = store::list(tx, &filter, Sort::Name, &Keyset { size: AT_ONCE, at: None, backward: false })?;
            sorted(tx, found, wanted)
        })
        .await?;
    let (able, skipped) = chosen;
    if form.is("confirmed", "yes") {
        let listed = form.values("seen");
        if !skipped.is_empty()
            || able.is_empty()
            || able.iter().any(|partner| !listed.contains(&seen(partner).as_str()))
        {
            return Err(AppError::Conflict(
                "One of the partners was changed after the list was made, so none was touched. Go back and choose again.".into(),
            ));
        }
        return done(grant, app, able, wanted, &form, &req).await;
    }
    let body = page(&able, &skipped, wanted);
    Ok(Page::new(body.title.clone(), Nav::Partners, body).answer(&req))
}

/// Which of them can go this way, and why the others are left as they are.
fn sorted(tx: &mut ReadTx<'_>, found: Vec<Partner>, wanted: Move) -> Result<(Vec<Partner>, Vec<String>), AppError> {
    let (mut able, mut skipped) = (Vec::new(), Vec::new());
    for partner in found {
        if partner.status.after(wanted).is_err() {
            let status = partner.status.label().to_lowercase();
            skipped.push(format!("{} ({}) is {status}", partner.name, partner.code));
        } else if wanted == Move::Offboard && needs_contact(tx, &partner)? {
            skipped.push(format!("{} ({}) {UNREACHABLE}", partner.name, partner.code));
        } else {
            able.push(partner);
        }
    }
    Ok((able, skipped))
}

fn page(able: &[Partner], skipped: &[String], wanted: Move) -> ConfirmPage {
    let mut hidden: Vec<(String, String)> = able.iter().map(|partner| ("id".into(), partner.id.to_string())).collect();
    hidden.extend(able.iter().map(|partner| ("seen".into(), seen(partner))));
    hidden.push(("act".into(), wanted.key().into()));
    hidden.push(("confirmed".into(), "yes".into()));
    let count = match able.len() {
        1 => "1 partner".to_owned(),
        count => format!("{count} partners"),
    };
    ConfirmPage {
        crumbs: vec![("/partners".into(), "Partners".into())],
        title: format!("{} {count}?", wanted.label()),
        lead: if able.is_empty() {
            "None of the chosen partners can be changed this way.".into()
        } else {
            "All of them, or none if one cannot be saved.".into()
        },
        effects: able
            .iter()
            .map(|partner| {
                let after = partner.status.after(wanted).unwrap_or(partner.status).label().to_lowercase();
                let before = partner.status.label().to_lowercase();
                format!("{} ({}) is {before} now, and becomes {after}", partner.name, partner.code)
            })
            .collect(),
        skipped: skipped.to_vec(),
        action: if able.is_empty() { String::new() } else { "/partners/bulk".into() },
        button: format!("{} {count}", wanted.label()),
        harsh: wanted.is_harsh(),
        cancel: "/partners".into(),
        reason: wanted.is_harsh().then_some("Reason"),
        tick: None,
        hidden,
        form: Form::default(),
    }
}

/// A partner at the version that the list showed.
fn seen(partner: &Partner) -> String {
    format!("{} {}", partner.id, partner.version)
}

async fn done(
    grant: Grant<ManagePartnerStatus>,
    app: Data<App>,
    able: Vec<Partner>,
    wanted: Move,
    form: &Form,
    req: &HttpRequest,
) -> PageResult {
    let reason = paragraphs(form.value("reason")).map_err(AppError::BadRequest)?;
    let count = able.len();
    app.db
        .write(&grant, move |tx| {
            let mut whole: Option<Change<()>> = None;
            for partner in &able {
                if wanted == Move::Offboard && needs_contact(tx, partner)? {
                    return Err(AppError::Refused(format!("{} {UNREACHABLE} None was touched.", partner.name)));
                }
                let change = super::status::moved(tx, partner, partner.version, wanted, &reason)?.map(drop);
                whole = Some(match whole {
                    Some(before) => before.join(change),
                    None => change,
                });
            }
            Ok(whole.unwrap_or_else(|| Change::nothing(())))
        })
        .await?;
    let partners = if count == 1 { "1 partner is" } else { &format!("{count} partners are") };
    leave_flash(req, "good", &format!("{}: {partners} changed.", wanted.label()));
    Ok(see_other("/partners"))
}

//! `/system/mail`: every letter of the program and what became of it; and the same of one partner.

use std::collections::HashMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::model::{Period, State};
use super::store::{self, Filter, Line};
use super::views::{IndexPage, Kinds, List, PartnerPage, Row};
use crate::access::{Grant, ReadMail, Scope};
use crate::app::App;
use crate::config::MailTransport;
use crate::db::ReadTx;
use crate::db::ids::PartnerId;
use crate::partners;
use crate::partners::handlers::{Found, found, nav};
use crate::values::{Choice, shown};
use crate::web::error::AppError;
use crate::web::export::{Format, Table};
use crate::web::listing::{Cursor, Keyset, Params};
use crate::web::page::{Nav, Page, PageResult};

/// Letters in an exported file at the most.
const EXPORTED: i64 = 10_000;

/// `GET /system/mail`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadMail>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let are_files = app.config.mail.transport == MailTransport::File;
    let body = app
        .db
        .read(&grant, move |tx| {
            let (filter, problem) = filter(tx, &params)?;
            let (health, now) = (store::health(tx)?, tx.now());
            let list = listed(tx, params, &filter, problem)?;
            Ok(IndexPage { list, health: health.sentence(now), is_stuck: health.is_stuck(now), are_files })
        })
        .await?;
    Ok(Page::new("Mail log", Nav::Mail, body).region(|body| body.as_letters().render()).answer(&req))
}

/// `GET /partners/{code}/mail`: did they get it?
///
/// # Errors
/// As every page.
pub async fn of_partner(
    grant: Grant<ReadMail>,
    app: Data<App>,
    code: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let Found { partner, header, .. } = found(tx, &code, "users")?;
            let (filter, _) = filter(tx, &params)?;
            let mut list = listed(tx, params, &Filter { partner: Some(partner.id), ..filter }, None)?;
            list.is_wide = false;
            Ok(PartnerPage { header, list })
        })
        .await?;
    let title = format!("Delivery log of {}", body.header.name);
    Ok(Page::new(title, nav(grant.actor(), "users"), body).region(|body| body.as_letters().render()).answer(&req))
}

/// The filter of an address, and what could not be used of it.
fn filter(tx: &mut ReadTx<'_>, params: &Params) -> Result<(Filter, Option<String>), AppError> {
    let mut problem = None;
    let partner = match params.get("partner") {
        "" => None,
        typed => match partners::store::find(tx, &typed.to_uppercase()) {
            Ok(partner) => Some(partner.id),
            Err(AppError::NotFound) => {
                problem = Some(format!(
                    "No partner has the code “{}”, so it was left out. A code looks like KESTREL.",
                    shown(typed)
                ));
                None
            }
            Err(error) => return Err(error),
        },
    };
    let period = Period::from_key(params.get("period")).unwrap_or(Period::Week);
    let filter = Filter {
        search: params.get("q").to_owned(),
        kind: params.get("kind").to_owned(),
        partner,
        since: period.since(tx.now()),
        state: State::from_key(params.get("state")),
    };
    Ok((filter, problem))
}

fn listed(tx: &mut ReadTx<'_>, params: Params, filter: &Filter, problem: Option<String>) -> Result<List, AppError> {
    let (keyset, kinds) = (params.keyset(), Kinds::new());
    let lines = store::list(tx, filter, &keyset)?;
    let names = names(tx, &lines)?;
    let counts = State::ALL
        .iter()
        .map(|state| Ok((*state, store::count(tx, filter, *state)?)))
        .collect::<Result<_, AppError>>()?;
    let (actor, now) = (tx.actor().clone(), tx.now());
    let page = keyset
        .window(lines, &params, |line: &Line| Cursor { key: line.created_at.to_rfc3339(), id: line.id.uuid() })
        .map(|line| Row::new(line, &kinds, &names, &actor, now));
    let is_wide = !matches!(actor.scope(), Scope::Partner { .. });
    Ok(List { params, page, counts, kinds: kinds.options(), is_wide, problem })
}

/// Codes and names of the partners that letters are about.
pub(super) fn names(tx: &mut ReadTx<'_>, lines: &[Line]) -> Result<HashMap<PartnerId, (String, String)>, AppError> {
    let ids: Vec<PartnerId> = lines.iter().filter_map(|line| line.partner_id).collect();
    partners::store::names(tx, &ids)
}

/// `GET /system/mail/export.csv`: the list in the present filter.
///
/// # Errors
/// As every page.
pub async fn export(grant: Grant<ReadMail>, app: Data<App>, params: Params) -> Result<HttpResponse, AppError> {
    let (lines, names) = app
        .db
        .read(&grant, move |tx| {
            let (filter, _) = filter(tx, &params)?;
            let lines = store::list(tx, &filter, &Keyset { size: EXPORTED, at: None, backward: false })?;
            let names = names(tx, &lines)?;
            Ok((lines, names))
        })
        .await?;
    let kinds = Kinds::new();
    let mut table = Table::new(&[
        "Written (UTC)",
        "Letter",
        "Subject",
        "To",
        "Name",
        "Partner",
        "State",
        "Tries",
        "Sent (UTC)",
        "Answer",
    ]);
    let moment = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    for line in lines {
        let partner = line.partner_id.and_then(|id| names.get(&id)).map(|(code, _)| code.clone());
        table.push(vec![
            moment(line.created_at),
            kinds.label(&line.kind),
            line.subject,
            line.recipient,
            line.recipient_name,
            partner.unwrap_or_default(),
            line.state.label().into(),
            line.attempts.to_string(),
            line.sent_at.map(moment).unwrap_or_default(),
            line.last_error.unwrap_or_default(),
        ]);
    }
    table.answer("mail", Format::Csv).await
}

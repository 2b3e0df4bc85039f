//! Rounds and versions: what was submitted, what came of it, and what was ever live; each as it was.

pub mod views;

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::model::Integration;
use super::moves::{Ground, offered_of};
use super::stage::Move;
use super::store;
use crate::access::{Grant, ReadIntegration};
use crate::app::App;
use crate::db::ReadTx;
use crate::web::error::AppError;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::time::When;
use views::{Cycle, HistoryPage, Round, SheetPage, VersionLine, sheet};

/// `GET /integrations/{id}/history`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadIntegration>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let body = app.db.read(&grant, move |tx| history(tx, &id)).await?;
    Ok(Page::new(format!("Rounds and versions of {}", body.name), Nav::Integrations, body).answer(&req))
}

fn history(tx: &mut ReadTx<'_>, id: &str) -> Result<HistoryPage, AppError> {
    let ground = Ground::find(tx, id)?;
    let (item, now, zone) = (&ground.item, tx.now(), tx.actor().zone());
    let address = super::address(item.id);
    let mut cycles: Vec<Cycle> = Vec::new();
    for one in store::submissions(tx, item)? {
        let round = Round {
            number: one.number,
            round: one.round,
            address: format!("{address}/submissions/{}", one.number),
            by: one.submitted_by_name.clone(),
            when: When::new(one.submitted_at, now, zone),
            note: one.note.clone(),
            outcome: one.outcome,
            summary: one.summary.clone(),
            answered: one.answered_at.map(|at| (one.answered_by_name.clone(), When::new(at, now, zone))),
        };
        match cycles.last_mut().filter(|last| last.number == one.cycle) {
            Some(last) => last.rounds.push(round),
            None => cycles.push(Cycle { number: one.cycle, rounds: vec![round] }),
        }
    }
    let rolls_back = offered_of(tx, &ground).contains(&Move::RollBack);
    let line = |one: store::Version| {
        let is_live = item.live_number == Some(one.number);
        VersionLine {
            address: format!("{address}/versions/{}", one.number),
            roll_back: (rolls_back && !is_live).then(|| format!("{address}/rollback?number={}", one.number)),
            when: When::new(one.published_at, now, zone),
            by: one.published_by_name,
            number: one.number,
            origin: one.origin,
            source: one.source,
            is_live,
        }
    };
    let versions = store::versions(tx, item)?.into_iter().map(line).collect();
    Ok(HistoryPage { name: item.name.clone(), address, stage: item.stage(), cycles, versions })
}

fn numbered(path: Path<(String, String)>) -> Result<(String, i32), AppError> {
    let (id, number) = path.into_inner();
    Ok((id, number.parse().ok().filter(|number| *number > 0).ok_or(AppError::NotFound)?))
}

/// `GET /integrations/{id}/submissions/{n}`
///
/// # Errors
/// As every page; [`AppError::NotFound`] when there is none of this number.
pub async fn submission(
    grant: Grant<ReadIntegration>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (id, number) = numbered(path)?;
    let body = app
        .db
        .read(&grant, move |tx| {
            let item = store::find(tx, &id)?;
            let content = store::submission(tx, &item, number)?;
            let before = if number > 1 { Some(store::submission(tx, &item, number - 1)?) } else { None };
            let made = store::submissions(tx, &item)?.into_iter().find(|one| one.number == number);
            let (now, zone) = (tx.now(), tx.actor().zone());
            let said = made.map(|one| (one.submitted_by_name, When::new(one.submitted_at, now, zone)));
            Ok(shown(&item, "Submission", number, said, sheet(&item, &content, before.as_ref(), false)))
        })
        .await?;
    Ok(Page::new(format!("{}: {}", body.name, body.title), Nav::Integrations, body).answer(&req))
}

/// `GET /integrations/{id}/versions/{n}`
///
/// # Errors
/// As every page; [`AppError::NotFound`] when there is none of this number.
pub async fn version(
    grant: Grant<ReadIntegration>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (id, number) = numbered(path)?;
    let body = app
        .db
        .read(&grant, move |tx| {
            let item = store::find(tx, &id)?;
            let content = store::version(tx, &item, number)?;
            let before = if number > 1 { Some(store::version(tx, &item, number - 1)?) } else { None };
            let made = store::versions(tx, &item)?.into_iter().find(|one| one.number == number);
            let (now, zone) = (tx.now(), tx.actor().zone());
            let said = made.map(|one| (one.published_by_name, When::new(one.published_at, now, zone)));
            Ok(shown(&item, "Version", number, said, sheet(&item, &content, before.as_ref(), false)))
        })
        .await?;
    Ok(Page::new(format!("{}: {}", body.name, body.title), Nav::Integrations, body).answer(&req))
}

fn shown(item: &Integration, what: &str, number: i32, said: Option<(String, When)>, sheet: views::Sheet) -> SheetPage {
    SheetPage {
        name: item.name.clone(),
        address: super::address(item.id),
        title: format!("{what} {number}"),
        said,
        is_first: number == 1,
        sheet,
    }
}

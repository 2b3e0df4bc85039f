//! All people of a program: its users, and who is invited.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::list::filter;
use super::model::{Listed, State};
use super::store::{self, PeopleFilter, Source};
use super::views::{PeoplePage, ProgramPage, Row, ShownTab};
use crate::access::{Actor, Grant, MemberRole, ReadUsers, Scope};
use crate::app::App;
use crate::db::ReadTx;
use crate::partners;
use crate::roles;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::export::{Format, Table};
use crate::web::listing::{Cursor, Keyset, Params};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// People in a file at the most.
const LARGEST: i64 = 100_000;

/// A partner's own people have a list of their own.
fn own_list(actor: &Actor) -> Option<HttpResponse> {
    match (actor.scope(), actor.partner()) {
        (Scope::Partner { .. }, Some(own)) => Some(see_other(&partners::tab(&own.code, "users"))),
        _ => None,
    }
}

/// `GET /users`
///
/// # Errors
/// As every page.
pub async fn users(grant: Grant<ReadUsers>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    show(grant, &app, params, &req, ShownTab::Users).await
}

/// `GET /invitations`
///
/// # Errors
/// As every page.
pub async fn invitations(grant: Grant<ReadUsers>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    show(grant, &app, params, &req, ShownTab::Invitations).await
}

async fn show(grant: Grant<ReadUsers>, app: &App, params: Params, req: &HttpRequest, shown: ShownTab) -> PageResult {
    if let Some(elsewhere) = own_list(grant.actor()) {
        return Ok(elsewhere);
    }
    let body = app.db.read(&grant, move |tx| list(tx, params, shown)).await?;
    let title = if shown == ShownTab::Users { "Users" } else { "Invitations" };
    Ok(Page::new(title, Nav::Users, body).region(|body| body.as_members().render()).answer(req))
}

/// The source and the filter of a tab: only states that it has count.
fn asked(params: &Params, shown: ShownTab) -> (Source, PeopleFilter) {
    let (source, states) = match shown {
        ShownTab::Users => (Source::Members, State::MEMBERS),
        ShownTab::Invitations => (Source::Invited, State::INVITED),
    };
    let filter = filter(params);
    (source, PeopleFilter { state: filter.state.filter(|state| states.contains(state)), ..filter })
}

fn list(tx: &mut ReadTx<'_>, params: Params, shown: ShownTab) -> Result<ProgramPage, AppError> {
    let (source, filter) = asked(&params, shown);
    let keyset = params.keyset();
    let rows = store::people(tx, source, &filter, &keyset)?;
    let counts = store::count_people(tx, source, &filter)?;
    let built_in = MemberRole::ALL.iter().map(|role| (role.key().to_owned(), role.label().to_owned()));
    let own = roles::store::names(tx)?.into_iter().map(|(id, name)| (id.to_string(), name));
    let (actor, now) = (tx.actor().clone(), tx.now());
    let page = keyset
        .window(rows, &params, |row: &Listed| Cursor { key: row.created_at.to_rfc3339(), id: row.id })
        .map(|row| Row::new(row, None, &actor, now));
    let states = if shown == ShownTab::Users { State::MEMBERS } else { State::INVITED };
    let people = PeoplePage::new(params, page, counts, built_in.chain(own).collect(), states);
    Ok(ProgramPage::new(people, shown, &actor))
}

/// `GET /users/export.csv`
///
/// # Errors
/// As every page.
pub async fn export(grant: Grant<ReadUsers>, app: Data<App>, params: Params) -> Result<HttpResponse, AppError> {
    let table = app.db.read(&grant, move |tx| table(tx, &params)).await?;
    table.answer("users", Format::Csv).await
}

fn table(tx: &mut ReadTx<'_>, params: &Params) -> Result<Table, AppError> {
    let (source, filter) = asked(params, ShownTab::Users);
    let all = Keyset { size: LARGEST, at: None, backward: false };
    let mut table = Table::new(&["name", "email", "partner", "role", "state", "two_step", "last_seen_at", "joined_at"]);
    let now = tx.now();
    for row in store::people(tx, source, &filter, &all)? {
        let (role, state) = (row.role_at(), row.state(now));
        table.push(vec![
            row.name,
            row.email,
            row.partner_code,
            role,
            state.key().into(),
            if row.second_factor_at.is_some() { "on" } else { "off" }.into(),
            row.last_seen_at.map(|at| at.to_rfc3339()).unwrap_or_default(),
            row.created_at.to_rfc3339(),
        ]);
    }
    Ok(table)
}

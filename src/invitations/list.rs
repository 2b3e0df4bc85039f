//! The Users tab of a partner: its members, and who is invited.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use askama::Template;

use super::model::{Listed, State};
use super::store::{self, PeopleFilter, Source};
use super::views::{PeoplePage, Row, UsersPage};
use crate::access::{Grant, ReadActivity, ReadUsers};
use crate::activity::store as activity;
use crate::activity::views::Entry;
use crate::app::App;
use crate::db::ReadTx;
use crate::partners::handlers::{Found, found, nav};
use crate::partners::model::Partner;
use crate::partners::views::may;
use crate::people;
use crate::roles;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{Cursor, Keyset, Params};
use crate::web::page::{Page, PageResult};

/// Rows on a page, unless the address says otherwise: most partners fit on one.
const ROWS: i64 = 100;

/// `GET /partners/{code}/users`
///
/// # Errors
/// As every page.
pub async fn index(
    grant: Grant<ReadUsers>,
    app: Data<App>,
    code: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let body = app.db.read(&grant, move |tx| list(tx, &code, params)).await?;
    let title = format!("Users of {}", body.header.name);
    Ok(Page::new(title, nav(grant.actor(), "users"), body).region(|body| body.as_members().render()).answer(&req))
}

/// What the address of a list of people asks for.
pub fn filter(params: &Params) -> PeopleFilter {
    PeopleFilter {
        partner: None,
        partner_like: params.get("partner").to_owned(),
        search: params.get("q").to_owned(),
        role: params.get("role").to_owned(),
        state: State::from_key(params.get("state")),
    }
}

fn list(tx: &mut ReadTx<'_>, code: &str, params: Params) -> Result<UsersPage, AppError> {
    let Found { partner, header, .. } = found(tx, code, "users")?;
    let filter = PeopleFilter { partner: Some(partner.id), partner_like: String::new(), ..filter(&params) };
    let asked = params.keyset();
    let keyset = if params.get("size").is_empty() { Keyset { size: ROWS, ..asked } } else { asked };
    let rows = store::people(tx, Source::Both, &filter, &keyset)?;
    let counts = store::count_people(tx, Source::Both, &filter)?;
    let roles = roles::store::offers(tx, &partner)?.into_iter().map(|offer| (offer.key(), offer.name)).collect();
    let recent = if may::<ReadActivity>(tx.actor()) { recent(tx, &partner)? } else { Vec::new() };
    let admins = people::store::admins(tx, partner.id)?;
    let (actor, now) = (tx.actor().clone(), tx.now());
    let page =
        keyset.window(rows, &params, |row: &Listed| Cursor { key: row.sort_name.clone(), id: row.id }).map(|row| {
            let is_last = people::store::is_last(&admins, row.id);
            let row = Row::new(row, Some(&partner), &actor, now);
            if is_last { row.keep() } else { row }
        });
    let sees_activity = may::<ReadActivity>(&actor);
    let people = PeoplePage::new(params, page, counts, roles, State::ALL);
    Ok(UsersPage { header, people, recent, sees_activity })
}

/// The last things that happened at the partner.
fn recent(tx: &mut ReadTx<'_>, partner: &Partner) -> Result<Vec<Entry>, AppError> {
    let filter = activity::Filter { partner: Some(partner.id), ..activity::Filter::default() };
    let lines = activity::list(tx, &filter, &Keyset { size: 4, at: None, backward: false })?;
    let (now, zone, names) = (tx.now(), tx.actor().zone(), std::collections::HashMap::new());
    Ok(lines.into_iter().map(|line| Entry::new(line, &names, now, zone)).collect())
}

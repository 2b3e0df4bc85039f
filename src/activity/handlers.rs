//! `/activity`: everything that happened in the program.

use actix_web::HttpRequest;
use actix_web::web::Data;
use askama::Template;
use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

use super::event::Group;
use super::store::{self, Filter, Line};
use super::views::{Entry, IndexPage};
use crate::access::{Grant, Permission, ReadActivity, ReadAllActivity};
use crate::app::App;
use crate::db::ReadTx;
use crate::db::ids::PartnerId;
use crate::partners;
use crate::web::error::AppError;
use crate::web::listing::{Cursor, Params, Window};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::time::When;

/// The list.
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadActivity>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let zone = grant.actor().zone();
    let own_only = !grant.actor().may(&ReadAllActivity::RULE);
    let (filter, problem) = filter(&params, zone);
    let reading = app.db.read(&grant, move |tx| {
        let page = entries(tx, &filter, &params, zone)?;
        let sealed = store::sealed_until(tx)?.map(|at| When::new(at, tx.now(), zone));
        Ok((page, sealed, params))
    });
    let (page, sealed, params) = reading.await?;
    let body = IndexPage { params, page, zone: zone.name().to_owned(), own_only, sealed, problem };
    Ok(Page::new("Activity", Nav::Activity, body).region(|body| body.as_entries().render()).answer(&req))
}

/// One page of a list of activity, ready to show.
///
/// # Errors
/// When the database does not answer.
pub fn entries(tx: &mut ReadTx<'_>, filter: &Filter, params: &Params, zone: Tz) -> Result<Window<Entry>, AppError> {
    let keyset = params.keyset();
    let lines = store::list(tx, filter, &keyset)?;
    let ids: Vec<PartnerId> = lines.iter().filter_map(|line| line.partner_id).collect();
    let names = partners::store::names(tx, &ids)?;
    let now = tx.now();
    let window = keyset.window(lines, params, |line: &Line| Cursor { key: line.at.to_rfc3339(), id: line.id.uuid() });
    Ok(window.map(|line| Entry::new(line, &names, now, zone)))
}

/// The filter of an address; dates are days in the person's zone, the last one included.
pub fn filter(params: &Params, zone: Tz) -> (Filter, Option<String>) {
    let mut problem = None;
    let mut day = |name: &str| match params.get(name) {
        "" => None,
        typed => match NaiveDate::parse_from_str(typed, "%Y-%m-%d") {
            Ok(day) if (2000..=2100).contains(&chrono::Datelike::year(&day)) => Some(day),
            _ => {
                problem = Some(format!(
                    "“{}” is not a day between 2000 and 2100, so it was left out. Write it as 2026-11-20.",
                    crate::values::shown(typed)
                ));
                None
            }
        },
    };
    let (from, until) = (day("from"), day("until"));
    if from.zip(until).is_some_and(|(from, until)| from > until) {
        problem = Some("The first day comes after the last, so no day is left. Swap them.".into());
    }
    let filter = Filter {
        partner: None,
        connection: None,
        integration: None,
        tenant: None,
        product: None,
        campaign: None,
        group: Group::ALL.into_iter().find(|group| group.key() == params.get("about")),
        who: params.get("who").to_owned(),
        from: from.map(|day| midnight(day, zone)),
        until: until.and_then(|day| day.checked_add_days(Days::new(1))).map(|day| midnight(day, zone)),
    };
    (filter, problem)
}

/// The first moment of a day; where the clock skips midnight, the first that exists.
fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let naive = day.and_time(chrono::NaiveTime::MIN);
    (0..24)
        .find_map(|hour| zone.from_local_datetime(&(naive + chrono::TimeDelta::hours(hour))).earliest())
        .map_or_else(|| naive.and_utc(), |moment| moment.with_timezone(&Utc))
}

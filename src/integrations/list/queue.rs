//! One after the other: what a reviewer looks at next, and what they put off until tomorrow.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::store;
use crate::access::grant::own_account;
use crate::access::session::leave_flash;
use crate::access::{Grant, ReviewIntegration};
use crate::app::App;
use crate::integrations;
use crate::integrations::model::Integration;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::Params;
use crate::web::page::PageResult;
use crate::web::see_other;

const LIST: &str = "/integrations?tab=in-review";

/// `GET /integrations/queue`: the oldest that nobody else reviews; `after` one, or `before` it.
///
/// # Errors
/// As every page.
pub async fn next(grant: Grant<ReviewIntegration>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let Some(me) = grant.actor().user() else { return Err(AppError::NotFound) };
    let (word, back) = match params.get("before") {
        "" => (params.get("after").to_owned(), false),
        word => (word.to_owned(), true),
    };
    let found = app
        .db
        .read(&grant, move |tx| {
            let present = if word.is_empty() { None } else { Some(integrations::store::find(tx, &word)?) };
            store::next(tx, me, present.as_ref(), back)
        })
        .await?;
    Ok(match found {
        Some(id) => see_other(&format!("{}/review", integrations::address(id))),
        None => nothing(&req, params.get("after").is_empty() && params.get("before").is_empty()),
    })
}

fn nothing(req: &HttpRequest, at_all: bool) -> HttpResponse {
    let words = if at_all { "Nothing in the queue waits for you." } else { "Nothing else in the queue waits for you." };
    leave_flash(req, "info", words);
    see_other(LIST)
}

/// `POST /integrations/{id}/snooze`: until tomorrow it is not what comes next for whoever asks; `wake` ends that.
///
/// # Errors
/// As every page; [`AppError::Refused`] when it does not wait for a review.
pub async fn snooze(
    grant: Grant<ReviewIntegration>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let user = own_account(grant.actor())?;
    let of: Integration = app.db.read(&grant, move |tx| integrations::store::find(tx, &id)).await?;
    let wakes = form.is_ticked("wake");
    if of.expected_at.is_none() && !wakes {
        return Err(AppError::Refused("It does not wait for a review now, so there is nothing to put off.".into()));
    }
    let until = (!wakes).then(|| tomorrow(app.db.now(), grant.actor().zone()));
    let (name, after) = (of.name.clone(), of.id);
    // Nobody's act: it changes only what the portal proposes to this person.
    app.db.system("put a review off for oneself", move |tx| store::snooze(tx, &of, user, until)).await?;
    let said = if wakes { format!("{name} is in your queue again.") } else { format!("{name} comes back tomorrow.") };
    leave_flash(&req, "good", &said);
    Ok(see_other(&if form.is("back", "queue") { format!("/integrations/queue?after={after}") } else { LIST.into() }))
}

/// The beginning of the next day in a zone.
fn tomorrow(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let begins = now
        .with_timezone(&zone)
        .date_naive()
        .checked_add_days(Days::new(1))
        .and_then(|day| zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest());
    // A day that a change of clocks begins later, or the end of time.
    begins.map_or(now + TimeDelta::days(1), |at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tomorrow_begins_at_midnight_where_one_is() {
        let now: DateTime<Utc> = "2026-11-20T23:30:00Z".parse().unwrap();
        assert_eq!(tomorrow(now, chrono_tz::Europe::Lisbon).to_rfc3339(), "2026-11-21T00:00:00+00:00");
        assert_eq!(tomorrow(now, chrono_tz::Asia::Tokyo).to_rfc3339(), "2026-11-21T15:00:00+00:00");
    }
}

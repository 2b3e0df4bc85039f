//! A campaign's assignments as a calendar (RFC 5545): all-day events, the last day included.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use chrono::{DateTime, Days, Utc};

use super::handlers::all_assignments;
use super::model::{Assignment, AssignmentState, Campaign};
use super::store;
use super::timeline::Names;
use crate::access::{ExportCampaigns, Grant};
use crate::app::App;
use crate::values::Choice;
use crate::web::error::AppError;

/// The longest line, in bytes.
const LONGEST: usize = 75;

/// `GET /campaigns/{id}/calendar.ics`
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub async fn file(grant: Grant<ExportCampaigns>, app: Data<App>, id: Path<String>) -> Result<HttpResponse, AppError> {
    let (code, text) = app
        .db
        .read(&grant, move |tx| {
            let campaign = store::find(tx, &id)?;
            super::needs_tiers(tx)?;
            let all = all_assignments(tx, &campaign)?;
            let names = Names::of(tx, &all)?;
            Ok((campaign.code.clone(), written(&campaign, &all, &names, tx.now())))
        })
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"campaign-{}.ics\"", code.to_lowercase()),
        ))
        .body(text))
}

fn written(campaign: &Campaign, all: &[Assignment], names: &Names, now: DateTime<Utc>) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| folded(&mut text, &format!("{name}:{value}"));
    line("BEGIN", "VCALENDAR");
    line("VERSION", "2.0");
    line("PRODID", "-//Portico//Campaigns//EN");
    line("X-WR-CALNAME", &escaped(campaign.name.as_str()));
    for one in all {
        let days = one.days();
        line("BEGIN", "VEVENT");
        line("UID", &format!("{}@portico", one.id));
        line("DTSTAMP", &now.format("%Y%m%dT%H%M%SZ").to_string());
        line("DTSTART;VALUE=DATE", &days.first.format("%Y%m%d").to_string());
        // The end of an all-day event is excluded: the day after the last.
        // What has none of its own ends with the campaign.
        let last = days.last.or(campaign.days().last);
        if let Some(after) = last.and_then(|last| last.checked_add_days(Days::new(1))) {
            line("DTEND;VALUE=DATE", &after.format("%Y%m%d").to_string());
        }
        line("SUMMARY", &escaped(&format!("{}: {}", names.tier(one), names.whose(one))));
        let words = format!("{}\n{}\n{}", campaign.name, days.words(one.time_zone.tz()), one.standing(now).label());
        line("DESCRIPTION", &escaped(&words));
        line("STATUS", if one.state == AssignmentState::Draft { "TENTATIVE" } else { "CONFIRMED" });
        line("TRANSP", "TRANSPARENT");
        line("END", "VEVENT");
    }
    line("END", "VCALENDAR");
    text
}

/// Text as a value: what means something there is marked, so that a name cannot begin a line of its own.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                safe.push('\\');
                safe.push(c);
            }
            '\n' => safe.push_str("\\n"),
            c if c.is_control() => {}
            c => safe.push(c),
        }
    }
    safe
}

/// One line, folded where it is too long, never inside a character.
fn folded(text: &mut String, line: &str) {
    let mut room = LONGEST;
    for c in line.chars() {
        if c.len_utf8() > room {
            text.push_str("\r\n ");
            room = LONGEST - 1;
        }
        text.push(c);
        room -= c.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_their_value() {
        assert_eq!(escaped("a;b,c\\d\r\nEND:VEVENT"), "a\\;b\\,c\\\\d\\nEND:VEVENT");
        let mut text = String::new();
        folded(&mut text, &format!("SUMMARY:{}", "東".repeat(40)));
        assert!(text.split("\r\n").all(|line| line.len() <= LONGEST), "{text}");
        assert_eq!(text.replace("\r\n ", ""), format!("SUMMARY:{}\r\n", "東".repeat(40)));
    }
}

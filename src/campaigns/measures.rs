//! How long it takes to set campaigns up, and how well it goes (S1-20).
//!
//! Three measures, none of which needs a page of its own to be filled in: the time from a campaign's creation until it
//! was first submitted or started; the problems that its forms named and that were put right before they were saved;
//! and those that the configuration check still listed when it was submitted or started. Forms carry what they named
//! from try to try, so a try that is never saved counts for nothing.

use chrono::{DateTime, TimeDelta, Utc};

use super::findings::Finding;
use super::model::Campaign;
use super::store::{self, Measured};
use crate::access::Scope;
use crate::db::ReadTx;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::exactly;

/// The field of a form that carries how many problems were named so far.
const HELD: &str = "held";

/// More than anybody makes; what a form says is no proof.
const MOST: usize = 100;

fn held(form: &Form) -> usize {
    form.value(HELD).parse::<usize>().unwrap_or_default().min(MOST)
}

/// Notes what this try named.
pub fn hold(form: &mut Form, problems: usize) {
    let all = (held(form) + problems).min(MOST);
    if all > 0 {
        form.set(HELD, &all.to_string());
    }
}

/// The form of a try that was refused, with what it named noted.
pub fn refused(mut form: Form) -> Form {
    let problems = form.errors().len();
    hold(&mut form, problems);
    form
}

/// Findings that may be mistakes.
pub fn problems(found: &[Finding]) -> usize {
    found.iter().filter(|one| one.is_problem()).count()
}

/// What was put right: what all tries named, without what is saved as it is.
pub fn caught(form: &Form, left: usize) -> i32 {
    held(form).saturating_sub(left) as i32
}

/// "2 days 4 hours"; the two largest units that say something.
pub fn words(took: TimeDelta) -> String {
    let minutes = took.num_minutes().max(0);
    let parts =
        [(minutes / 1440, "day", "days"), (minutes / 60 % 24, "hour", "hours"), (minutes % 60, "minute", "minutes")];
    let mut said = parts.iter().skip_while(|(count, ..)| *count == 0).take(2).filter(|(count, ..)| *count > 0);
    match (said.next(), said.next()) {
        (None, _) => "less than a minute".into(),
        (Some(one), None) => exactly(one.0, one.1, one.2),
        (Some(one), Some(two)) => format!("{} {}", exactly(one.0, one.1, one.2), exactly(two.0, two.1, two.2)),
    }
}

/// The measures of one campaign.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct SetUp {
    pub took: Option<String>,
    pub is_over: bool,
    pub caught: i32,
    pub left_over: i32,
}

impl SetUp {
    /// For who runs the program: how its people work is nobody else's business.
    pub fn of(tx: &ReadTx<'_>, campaign: &Campaign) -> Option<SetUp> {
        let shown = matches!(tx.scope(), Scope::Program(_));
        shown.then(|| SetUp {
            took: took(campaign).map(words),
            is_over: campaign.state != super::model::State::Draft,
            caught: campaign.caught,
            left_over: campaign.left_over.unwrap_or_default(),
        })
    }
}

/// From a campaign's creation until it was first submitted or started.
pub fn took(campaign: &Campaign) -> Option<TimeDelta> {
    campaign.set_up_at.map(|at: DateTime<Utc>| at - campaign.created_at)
}

/// The measures of a year, for the page of the configuration check.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Summary {
    pub campaigns: i64,
    pub median: String,
    pub caught: i64,
    pub left_over: i64,
    pub clean: i64,
}

/// Of the campaigns that were set up in the last 365 days; none when there is none.
///
/// # Errors
/// When the database does not answer.
pub fn summary(tx: &mut ReadTx<'_>) -> Result<Option<Summary>, AppError> {
    let since = tx.now() - TimeDelta::days(365);
    let Measured { campaigns, median, caught, left_over, clean } = store::measured(tx, since)?;
    let median = words(TimeDelta::seconds(median as i64));
    Ok((campaigns > 0).then_some(Summary { campaigns, median, caught, left_over, clean }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_in_two_units() {
        let said = |minutes: i64| words(TimeDelta::minutes(minutes));
        assert_eq!(
            [said(-3), said(0), said(1), said(59)],
            ["less than a minute", "less than a minute", "1 minute", "59 minutes"]
        );
        assert_eq!([said(60), said(61), said(1440)], ["1 hour", "1 hour 1 minute", "1 day"]);
        // What is smaller than the second unit is left out.
        assert_eq!([said(1441), said(3 * 1440 + 121)], ["1 day", "3 days 2 hours"]);
    }

    #[test]
    fn what_is_saved_as_it_is_was_not_caught() {
        let mut form = Form::default();
        hold(&mut form, 0);
        assert!(form.pairs().is_empty());
        hold(&mut form, 2);
        hold(&mut form, 1);
        assert_eq!([caught(&form, 0), caught(&form, 1), caught(&form, 9)], [3, 2, 0]);
        for odd in ["-1", "many", "", "99999999999999999999"] {
            form.set(HELD, odd);
            assert_eq!(caught(&form, 0), 0, "{odd}");
        }
        form.set(HELD, "5000");
        assert_eq!(caught(&form, 0), 100);
    }
}

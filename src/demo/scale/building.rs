//! A partner's integrations with what was submitted and published of them, and their tenants.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::draw::For;
use super::plan::{INTEGRATIONS, Plan};
use super::store::{Batch, Integration, Message, Run, Submission, Tenant, Thread, Version};
use crate::db::ids::{MessageId, RunId, ThreadId, UserId};
use crate::integrations::business;
use crate::integrations::content::{Content, IntegrationKind, Link, PageName};
use crate::integrations::feedback::model::Weight;
use crate::integrations::model::{Origin, Outcome};
use crate::integrations::stage::State;
use crate::tenants::model::{Outcome as RunOutcome, Schedule};
use crate::tenants::stage::State as TenantState;
use crate::values::Choice;

/// In which a submission should be answered.
const TARGET: i64 = 3 * business::DAY;

/// Puts a partner's integrations into a batch.
///
/// # Errors
/// Never: their pages can be written down.
pub fn rows(plan: &Plan, partner: u64, into: &mut Batch) -> Result<(), serde_json::Error> {
    for number in 0..INTEGRATIONS {
        One::of(plan, partner, number)?.into(into);
    }
    Ok(())
}

struct One<'a> {
    plan: &'a Plan,
    partner: u64,
    number: u64,
    state: State,
    content: Value,
    by: (UserId, String),
}

impl<'a> One<'a> {
    fn of(plan: &'a Plan, partner: u64, number: u64) -> Result<Self, serde_json::Error> {
        let (state, content) = (plan.state(partner, number), serde_json::to_value(content(plan, partner, number))?);
        Ok(One { plan, partner, number, state, content, by: (plan.user(partner, 0), plan.user_name(partner, 0)) })
    }

    fn is_live(&self) -> bool {
        matches!(self.state, State::Published | State::Unpublished)
    }

    /// How its submission ended; none when there is none, or it waits.
    fn outcome(&self) -> Option<Outcome> {
        match self.state {
            State::Published | State::Unpublished => Some(Outcome::Published),
            State::ChangesRequested => Some(Outcome::ChangesRequested),
            State::Rejected => Some(Outcome::Rejected),
            _ => None,
        }
    }

    fn into(self, batch: &mut Batch) {
        let was_submitted = !matches!(self.state, State::Draft | State::Archived);
        batch.integrations.push(self.row(was_submitted));
        if was_submitted {
            batch.integration_submissions.push(self.submission());
        }
        if self.is_live() {
            batch.integration_versions.push(self.version());
        }
        if matches!(self.state, State::InReview | State::ChangesRequested) {
            self.feedback(batch);
        }
    }

    fn row(&self, was_submitted: bool) -> Integration {
        let (plan, partner, number) = (self.plan, self.partner, self.number);
        let (begun, submitted) = (plan.begun(partner, number), plan.submitted(partner, number));
        let waits = self.state == State::InReview;
        let since = match self.state {
            State::Draft => begun,
            State::Archived => begun + TimeDelta::days(2),
            State::InReview => submitted,
            _ => plan.answered(partner, number),
        };
        let taken = waits && partner % 40 == 3;
        Integration {
            id: plan.integration(partner, number),
            program_id: plan.ground.program,
            partner_id: plan.partner(partner),
            name: plan.integration_name(partner, number),
            kind: IntegrationKind::External,
            state: self.state,
            state_since: since,
            content: self.content.clone(),
            live_number: self.is_live().then_some(1),
            round: i32::from(matches!(self.state, State::InReview | State::ChangesRequested)),
            submission: i32::from(was_submitted),
            submitted_at: was_submitted.then_some(submitted),
            submitted_by: was_submitted.then_some(self.by.0),
            submitted_by_name: if was_submitted { self.by.1.clone() } else { String::new() },
            assignee_id: taken.then_some(plan.rita.id),
            assignee_name: if taken { plan.rita.name.clone() } else { String::new() },
            expected_at: waits.then(|| business::after(submitted, TARGET, chrono_tz::Europe::Lisbon)),
            version: 3,
            created_at: begun,
            created_by_name: self.by.1.clone(),
            updated_at: since,
            updated_by: Some(self.by.0),
            updated_by_name: self.by.1.clone(),
        }
    }

    fn submission(&self) -> Submission {
        let (plan, outcome) = (self.plan, self.outcome());
        let answered = outcome.is_some();
        Submission {
            partner_id: plan.partner(self.partner),
            integration_id: plan.integration(self.partner, self.number),
            number: 1,
            cycle: 1,
            round: 1,
            content: self.content.clone(),
            note: "",
            submitted_at: plan.submitted(self.partner, self.number),
            submitted_by: Some(self.by.0),
            submitted_by_name: self.by.1.clone(),
            outcome,
            summary: if answered { "Looked at as a whole." } else { "" },
            answered_at: answered.then(|| plan.answered(self.partner, self.number)),
            answered_by: answered.then_some(plan.rita.id),
            answered_by_name: if answered { plan.rita.name.clone() } else { String::new() },
        }
    }

    fn version(&self) -> Version {
        let plan = self.plan;
        Version {
            partner_id: plan.partner(self.partner),
            integration_id: plan.integration(self.partner, self.number),
            number: 1,
            content: self.content.clone(),
            origin: Origin::Review,
            source: Some(1),
            published_at: plan.answered(self.partner, self.number),
            published_by: Some(plan.rita.id),
            published_by_name: plan.rita.name.clone(),
        }
    }

    fn feedback(&self, batch: &mut Batch) {
        let (plan, at) = (self.plan, self.plan.now - TimeDelta::minutes(11));
        let place = self.partner * INTEGRATIONS + self.number;
        for (nth, weight, field) in [(0, Weight::Blocking, "summary"), (1, Weight::Advice, "description")] {
            let thread_id = ThreadId::drawn(at, plan.draw.bits(For::Thread, place, nth));
            batch.feedback_threads.push(Thread {
                id: thread_id,
                program_id: plan.ground.program,
                partner_id: plan.partner(self.partner),
                integration_id: plan.integration(self.partner, self.number),
                page: PageName::Listing,
                field: Some(field),
                weight,
                cycle: 1,
                round: 1,
                submission: 1,
                opened_at: at,
                opened_by: Some(plan.rita.id),
                opened_by_name: plan.rita.name.clone(),
            });
            batch.feedback_messages.push(Message {
                id: MessageId::drawn(at, plan.draw.bits(For::Message, place, nth)),
                partner_id: plan.partner(self.partner),
                thread_id,
                is_host: true,
                body: "Please say **when** points are credited.",
                at,
                author_id: Some(plan.rita.id),
                author_name: plan.rita.name.clone(),
            });
        }
    }
}

fn content(plan: &Plan, partner: u64, number: u64) -> Content {
    let (name, domain) = (plan.integration_name(partner, number), plan.domain(partner));
    Content {
        link: format!("https://www.{domain}/miles"),
        support_email: format!("help@{domain}"),
        summary: format!("{name}: points for each visit, credited within five days."),
        description:
            "## What earns\n\nTwo points for **each** visit.\n\n- Credited within five days\n- No registration".into(),
        links: vec![Link { label: "How it works".into(), url: format!("https://www.{domain}/help") }],
        terms_link: format!("https://www.{domain}/terms"),
        privacy_link: format!("https://www.{domain}/privacy"),
        data_use: "Member numbers only.".into(),
        ..Content::new(name, IntegrationKind::External)
    }
}

/// Puts one of a partner's tenants into a batch; one in five ran once.
pub fn tenant(plan: &Plan, partner: u64, number: u64, into: &mut Batch) {
    let came = plan.tenant_came(partner, number);
    let state = match plan.draw.below(20, For::Tenant, partner, number) {
        0 => TenantState::Paused,
        1 => TenantState::Failing,
        2 => TenantState::Disconnected,
        3 => TenantState::Connecting,
        _ => TenantState::Active,
    };
    let outcome = if state == TenantState::Failing { RunOutcome::Failed } else { RunOutcome::Succeeded };
    let ran =
        (number.is_multiple_of(5) && state != TenantState::Connecting).then_some((came + TimeDelta::hours(1), outcome));
    let by = plan.user_name(partner, 0);
    into.tenants.push(Tenant {
        id: plan.tenant(partner, number),
        program_id: plan.ground.program,
        partner_id: plan.partner(partner),
        // The first three of each partner are always live.
        integration_id: plan.integration(partner, number % 3),
        name: plan.tenant_name(partner, number),
        external_id: format!("cust-{number:05}"),
        state,
        state_since: came,
        schedule: plan.draw.one(Schedule::ALL, For::Choice, partner, 3_000_000 + number),
        last_run_at: ran.map(|(at, _)| at),
        last_outcome: ran.map(|(_, outcome)| outcome),
        created_at: came,
        created_by_name: by.clone(),
        updated_at: came,
        updated_by: Some(plan.user(partner, 0)),
        updated_by_name: by.clone(),
    });
    if let Some((at, outcome)) = ran {
        into.tenant_runs.push(run(plan, (partner, number), at, outcome, by));
    }
}

fn run(
    plan: &Plan,
    (partner, tenant): (u64, u64),
    started_at: DateTime<Utc>,
    outcome: RunOutcome,
    reported_by_name: String,
) -> Run {
    let finished = started_at + TimeDelta::seconds(75);
    Run {
        id: RunId::drawn(started_at, plan.draw.bits(For::Run, partner, tenant)),
        program_id: plan.ground.program,
        partner_id: plan.partner(partner),
        tenant_id: plan.tenant(partner, tenant),
        key: "run-1",
        outcome,
        started_at,
        finished_at: Some(finished),
        records_read: 400,
        records_written: if outcome == RunOutcome::Failed { 0 } else { 400 },
        log: "connected\nread 400 records",
        reported_at: finished,
        reported_by_name,
    }
}

//! What happened to partners, in the order in which it did.

use chrono::{DateTime, TimeDelta, Utc};

use super::draw::For;
use super::plan::{Host, Plan, Turn, USERS, WHALE};
use super::store::{Activity, Batch};
use super::{campaigns, partners};
use crate::access::Role;
use crate::activity::{CampaignEvent, Event, FieldChange, IntegrationEvent, OfferEvent, TenantEvent};
use crate::audit::chain::VERSION;
use crate::audit::{Head, job};
use crate::db::ids::ActivityId;
use crate::integrations::stage::State;

/// Who did it.
enum By<'a> {
    /// A person of the partner.
    Own(u64),
    /// A person of the hosts.
    Host(&'a Host, Role),
}

/// Puts the events of some places of a round into a batch, and the whale's own between them.
///
/// # Errors
/// Never: events can be written down.
pub fn rows(plan: &Plan, round: u64, places: std::ops::Range<u64>, into: &mut Batch) -> Result<(), serde_json::Error> {
    let turns = plan.year.rounds * plan.year.partners;
    for place in places {
        let (partner, at) = (plan.year.partner(round, place), plan.year.turn(round, place));
        let (event, by) = happened(plan, round, partner);
        into.activity.push(line(plan, Some(partner), at, (round, place), &event, &by)?);
        // So many of the whale's as are due between this turn and the next.
        let turn = round * plan.year.partners + place;
        let more = plan.extent.whale_events;
        for nth in more * turn / turns..more * (turn + 1) / turns {
            let event = whale(plan, nth);
            let at = at + TimeDelta::milliseconds(1 + (nth % 900) as i64);
            into.activity.push(line(plan, Some(WHALE), at, (u64::MAX, nth), &event, &By::Own(nth % 2))?);
        }
    }
    Ok(())
}

/// Chains the lines of a batch after a head; returns the new one.
pub fn chain(batch: &mut Batch, mut head: Head) -> Head {
    for line in &batch.activity {
        if let Some(hash) = line.content().after(&head.hash, VERSION) {
            head = Head { seq: head.seq + 1, hash };
            batch.activity_chain.push(job::link(head, (line.at, line.id)));
        }
    }
    head
}

/// The event that tells of a campaign's start.
///
/// # Errors
/// As [`rows`].
pub fn campaign(plan: &Plan, number: u64, into: &mut Batch) -> Result<(), serde_json::Error> {
    let name = campaigns::name(plan, number);
    let event = Event::Campaign { campaign: plan.campaign(number), partner: None, name, event: CampaignEvent::Created };
    let by = By::Host(&plan.dele, Role::Csr);
    into.activity.push(line(plan, None, plan.campaign_made(number), (u64::MAX - 1, number), &event, &by)?);
    Ok(())
}

/// The event that tells of what waits for review.
///
/// # Errors
/// As [`rows`].
pub fn submitted(plan: &Plan, partner: u64, number: u64, into: &mut Batch) -> Result<(), serde_json::Error> {
    if matches!(plan.state(partner, number), State::InReview | State::ChangesRequested) {
        let at = plan.submitted(partner, number);
        let event = integration(plan, partner, number, moved("Draft", "In review"));
        into.activity.push(line(plan, Some(partner), at, (u64::MAX - 2, partner), &event, &By::Own(0))?);
    }
    Ok(())
}

fn moved(from: &str, to: &str) -> IntegrationEvent {
    IntegrationEvent::Moved {
        did: "submitted".into(),
        detail: " for review, round 1".into(),
        from: from.into(),
        to: to.into(),
        reason: String::new(),
    }
}

fn integration(plan: &Plan, partner: u64, number: u64, event: IntegrationEvent) -> Event {
    Event::Integration {
        partner: plan.partner(partner),
        integration: plan.integration(partner, number),
        name: plan.integration_name(partner, number),
        event,
    }
}

fn tenant(plan: &Plan, partner: u64, number: u64, event: TenantEvent) -> Event {
    Event::Tenant {
        partner: plan.partner(partner),
        tenant: plan.tenant(partner, number),
        name: plan.tenant_name(partner, number),
        event,
    }
}

fn whale(plan: &Plan, nth: u64) -> Event {
    let ended =
        TenantEvent::RunEnded { run: format!("run-{nth}"), outcome: "Succeeded".into(), message: String::new() };
    tenant(plan, WHALE, nth % plan.extent.whale_tenants, ended)
}

fn happened(plan: &Plan, round: u64, partner: u64) -> (Event, By<'_>) {
    let id = plan.partner(partner);
    match Turn::of(round) {
        Turn::Partner => {
            let event = Event::PartnerCreated { partner: id, name: plan.name(partner), code: plan.code(partner) };
            (event, By::Host(&plan.ana, Role::HostingAdmin))
        }
        Turn::User(user) => {
            let event = Event::MemberAdded {
                partner: id,
                user: plan.user(partner, user),
                name: plan.user_name(partner, user),
                email: plan.email(partner, user),
                role: partners::role(user).at(false).name().into(),
            };
            (event, By::Host(&plan.ana, Role::HostingAdmin))
        }
        Turn::Begun(number) => (integration(plan, partner, number, IntegrationEvent::Created), By::Own(0)),
        Turn::Moved(number) => match plan.state(partner, number) {
            State::Published | State::Unpublished => {
                let published = IntegrationEvent::Published { number: 1, detail: String::new() };
                (integration(plan, partner, number, published), By::Host(&plan.rita, Role::Reviewer))
            }
            _ => {
                let saved = IntegrationEvent::PageSaved { page: "Listing".into(), changes: changed("Short summary") };
                (integration(plan, partner, number, saved), By::Own(1))
            }
        },
        Turn::Tenant(number) => {
            let of = plan.integration_name(partner, number % 3);
            (tenant(plan, partner, number, TenantEvent::Created { integration: of }), By::Own(0))
        }
        Turn::Product => {
            let event = Event::Offer {
                partner: Some(id),
                product: Some(plan.product(partner)),
                name: plan.product_name(partner),
                event: OfferEvent::ProductCreated { sku: format!("SKU-{partner:06}") },
            };
            (event, By::Host(&plan.dele, Role::Csr))
        }
        Turn::Edited => {
            let event =
                Event::PartnerUpdated { partner: id, name: plan.name(partner), changes: changed("Support phone") };
            (event, By::Own(0))
        }
    }
}

fn changed(field: &str) -> Vec<FieldChange> {
    vec![FieldChange { field: field.into(), before: partners::phone(1), after: partners::phone(2) }]
}

fn line(
    plan: &Plan,
    partner: Option<u64>,
    at: DateTime<Utc>,
    (high, low): (u64, u64),
    event: &Event,
    by: &By<'_>,
) -> Result<Activity, serde_json::Error> {
    let (actor_id, actor_name, role) = match (by, partner) {
        (By::Own(user), Some(partner)) => {
            let user = user % USERS;
            (plan.user(partner, user), plan.user_name(partner, user), partners::role(user).at(false))
        }
        (By::Own(_), None) => (plan.ana.id, plan.ana.name.clone(), Role::HostingAdmin),
        (By::Host(host, role), _) => (host.id, host.name.clone(), *role),
    };
    Ok(Activity {
        id: ActivityId::drawn(at, plan.draw.bits(For::Activity, high, low)),
        at,
        program_id: Some(plan.ground.program),
        partner_id: partner.map(|partner| plan.partner(partner)),
        actor_id: Some(actor_id),
        actor_name,
        actor_role: role.name(),
        on_behalf: event.is_done_for_the_partner() && matches!(by, By::Host(..)),
        hosts_only: event.is_for_hosts_only(),
        kind: event.kind(),
        event: serde_json::to_value(event)?,
        changes: serde_json::to_value(event.changes())?,
        request_id: "demo",
        address: "127.0.0.1",
    })
}

//! A partner, its people, its connection, its product, and the tiers that it asks for.

use chrono::TimeDelta;

use super::draw::For;
use super::plan::{Plan, SELLING, USERS, WHALE};
use super::store::{Assignment, Batch, Connection, Link, Membership, Partner, Product, User};
use super::{campaigns, words};
use crate::access::MemberRole;
use crate::campaigns::model::AssignmentState;
use crate::db::ids::{AssignmentId, ConnectionId, MembershipId};
use crate::partners::model::{Category, Kind};
use crate::people::UserStatus;
use crate::products::model::Kind as ProductKind;
use crate::values::Choice;

/// Puts a partner and what is its alone into a batch.
pub fn rows(plan: &Plan, number: u64, into: &mut Batch) {
    into.partners.push(partner(plan, number));
    for user in 0..USERS {
        people(plan, number, user, into);
    }
    into.connections.push(connection(plan, number));
    into.products.push(product(plan, number));
    for campaign in plan.campaigns_of(number) {
        into.campaign_partners.push(Link {
            program_id: plan.ground.program,
            partner_id: plan.partner(number),
            campaign_id: plan.campaign(campaign),
            linked_at: plan.year.at(SELLING, number),
            linked_by_name: plan.dele.name.clone(),
        });
        assignments(plan, number, campaign, into);
    }
}

/// The role of one of its people: two administrators, two users, an auditor.
pub fn role(user: u64) -> MemberRole {
    match user {
        0 | 1 => MemberRole::Admin,
        4 => MemberRole::Auditor,
        _ => MemberRole::User,
    }
}

fn partner(plan: &Plan, number: u64) -> Partner {
    let came = plan.came(number);
    Partner {
        id: plan.partner(number),
        program_id: plan.ground.program,
        code: plan.code(number),
        name: plan.name(number),
        kind: Kind::External,
        category: plan.draw.one(Category::ALL, For::Choice, number, 1),
        type_id: plan.draw.one(&plan.ground.types, For::Choice, number, 2),
        status: plan.status(number),
        time_zone: plan.draw.one(words::ZONES, For::Choice, number, 3),
        support_phone: Some(phone(number)),
        support_email: Some(format!("help@{}", plan.domain(number))),
        primary_contact_id: Some(plan.user(number, 0)),
        code_fixed: true,
        created_at: came,
        updated_at: plan.year.at(plan.year.rounds - 1, number),
        updated_by: Some(plan.user(number, 0)),
        updated_by_name: plan.user_name(number, 0),
    }
}

/// A telephone number that is nobody's.
pub fn phone(number: u64) -> String {
    format!("+1212555{:04}", number % 10_000)
}

fn people(plan: &Plan, number: u64, user: u64, into: &mut Batch) {
    let joined = plan.joined(number, user);
    let seen = plan.draw.below(90 * 24 * 60, For::Choice, number, 10 + user) as i64;
    into.users.push(User {
        id: plan.user(number, user),
        email: plan.email(number, user),
        name: plan.user_name(number, user),
        password_hash: Some(plan.hash.clone()),
        status: UserStatus::Active,
        last_seen_at: Some(plan.now - TimeDelta::minutes(seen)),
        created_at: joined,
        updated_at: joined,
    });
    into.memberships.push(Membership {
        id: MembershipId::drawn(joined, plan.draw.bits(For::Membership, number, user)),
        program_id: plan.ground.program,
        partner_id: plan.partner(number),
        user_id: plan.user(number, user),
        role: role(user),
        created_at: joined,
    });
}

fn connection(plan: &Plan, number: u64) -> Connection {
    let made = plan.joined(number, 0);
    Connection {
        id: ConnectionId::drawn(made, plan.draw.bits(For::Connection, number, 0)),
        program_id: plan.ground.program,
        partner_id: plan.partner(number),
        name: "Settlement files",
        kind: "https",
        direction: "both",
        host: format!("files.{}", plan.domain(number)),
        port: 443,
        auth: "none",
        created_at: made,
        updated_at: made,
        updated_by: Some(plan.user(number, 0)),
        updated_by_name: plan.user_name(number, 0),
    }
}

fn product(plan: &Plan, number: u64) -> Product {
    let made = plan.year.at(SELLING, number);
    Product {
        id: plan.product(number),
        program_id: plan.ground.program,
        partner_id: plan.partner(number),
        sku: format!("SKU-{number:06}"),
        name: plan.product_name(number),
        kind: plan.draw.one(ProductKind::ALL, For::Choice, number, 5),
        category: plan.draw.one(words::TRADE, For::Words, number, 2),
        currency: "points",
        price: Some(500 * (1 + plan.draw.below(80, For::Choice, number, 4) as i64)),
        created_at: made,
        updated_at: made,
        updated_by: Some(plan.dele.id),
        updated_by_name: plan.dele.name.clone(),
    }
}

/// Two for each campaign, one after the other; of one in ten for the partner as a whole.
fn assignments(plan: &Plan, number: u64, campaign: u64, into: &mut Batch) {
    let made = plan.year.at(SELLING, number);
    let whole = plan.draw.below(10, For::Choice, number, 200 + campaign) == 0 && number != WHALE;
    for (half, (starts_at, ends_at)) in (0u64..).zip(campaigns::halves(plan, campaign)) {
        let place = campaign * 2 + half;
        into.tier_assignments.push(Assignment {
            id: AssignmentId::drawn(made, plan.draw.bits(For::Assignment, number, place)),
            program_id: plan.ground.program,
            partner_id: plan.partner(number),
            campaign_id: plan.campaign(campaign),
            product_id: (!whole).then(|| plan.product(number)),
            tier_id: plan.draw.one(&plan.ground.tiers, For::Assignment, number, place),
            state: AssignmentState::Live,
            time_zone: campaigns::ZONE,
            starts_at,
            ends_at: Some(ends_at),
            created_at: made,
            created_by_name: plan.dele.name.clone(),
            updated_at: made,
            updated_by_name: plan.dele.name.clone(),
        });
    }
}

//! What needs no portal: the tier decision, the state machine, the comparison of two texts, a list as HTML.

use std::collections::HashMap;
use std::hint::black_box;

use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use portico::campaigns::decision::{Assigned, CampaignEffect, Offer, Span, decide};
use portico::db::ids::CampaignId;
use portico::integrations::review::diff;
use portico::integrations::stage::{Move, Stage};
use portico::partners::model::Status;
use portico::partners::views::{Allowed, IndexPage, Row, Tile};
use portico::values::Choice;
use portico::web::listing::{Cursor, Keyset, Params};
use portico::web::time::When;

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap_or_default()
}

/// A product with ten assignments in five campaigns, as in the large demo.
fn deciding(c: &mut Criterion) {
    let day = |days| noon() + TimeDelta::days(days);
    let campaigns: Vec<CampaignId> = (0..5).map(|_| CampaignId::new()).collect();
    let assigned: Vec<Assigned> = (0..10)
        .map(|nth: i64| Assigned {
            campaign: campaigns[(nth / 2) as usize],
            effect: CampaignEffect::Runs,
            campaign_span: Span { from: day(nth / 2 * 30 - 90), until: Some(day(nth / 2 * 30 - 30)) },
            is_own: nth % 3 != 0,
            span: Span { from: day(nth * 15 - 90), until: Some(day(nth * 15 - 75)) },
            precedence: (nth % 4) as i32 + 1,
        })
        .collect();
    let offer = Offer { tiers_on: true, is_offered: true, assigned: &assigned };
    c.bench_function("decide, ten assignments", |b| b.iter(|| decide(black_box(offer), black_box(Some(2)), noon())));
}

fn moving(c: &mut Criterion) {
    let stages: Vec<Stage> = Stage::all().collect();
    c.bench_function("every move from every stage", |b| {
        b.iter(|| {
            let tries = stages.iter().flat_map(|stage| Move::ALL.iter().map(move |wanted| stage.after(*wanted, true)));
            tries.filter(|outcome| outcome.is_ok()).count()
        })
    });
}

fn comparing(c: &mut Criterion) {
    let paragraph = "Two points for each night that a member books directly, credited within five days of check-out. ";
    let old = paragraph.repeat(20);
    let new = old.replacen("five days", "two weeks", 3).replacen("each night", "every stay", 2);
    c.bench_function("diff of two thousand characters", |b| b.iter(|| diff::words(black_box(&old), black_box(&new))));
}

fn row(nth: usize) -> Row {
    let code = format!("P{nth:06}");
    Row {
        id: format!("01a1fef6-b724-77b1-88d7-{nth:012}"),
        name: format!("Amber Bay Travel {nth}"),
        address: format!("/partners/{code}"),
        code,
        tile: Tile { hue: (nth % 8) as u8, initials: "AB".into(), logo: None },
        contact: "Ada Abel".into(),
        type_name: "Airline".into(),
        is_hosting: false,
        phone: None,
        email: Some("help@p000001.example".into()),
        status: Status::Active,
        updated: When::new(noon() - TimeDelta::hours(nth as i64), noon(), chrono_tz::Europe::Lisbon),
        updated_by: "Ada Abel".into(),
    }
}

/// A page of fifty partners.
fn rendering(c: &mut Criterion) {
    let page = || {
        let params = Params::read("/partners", "q=travel");
        let keyset = Keyset { size: 50, at: None, backward: false };
        let cursor = |row: &Row| Cursor { key: row.name.to_lowercase(), id: row.id.parse().unwrap_or_default() };
        IndexPage {
            page: keyset.window((0..51).map(row).collect(), &params, cursor),
            params,
            counts: HashMap::from([(Status::Active, 1001)]),
            total: 1001,
            types: Vec::new(),
            editors: Vec::new(),
            me: None,
            allowed: Allowed {
                create: true,
                import: true,
                export: true,
                hosting: true,
                bulk: true,
                users: true,
                edit: true,
            },
            hosts: 2,
            hosting_limit: 4,
        }
    };
    let ready = page();
    c.bench_function("list of fifty partners as HTML", |b| {
        b.iter(|| black_box(&ready).render().map(|text| text.len()))
    });
}

criterion_group!(benches, deciding, moving, comparing, rendering);
criterion_main!(benches);

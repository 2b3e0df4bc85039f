//! The demo at the size of a real program: so many partners more, by the thousand, with everything that partners have.
//!
//! Its rows are copied rather than made by use cases, which would take a day. They are what use cases would have
//! left: every line of the log is a real [`Event`](crate::activity::Event), every constraint of the database is
//! checked, and everything follows from a seed. One partner, the whale, has as much as some programs have in all.

mod building;
mod campaigns;
mod draw;
mod log;
mod partners;
mod plan;
mod store;
mod words;

use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::{Context, anyhow, bail};
use chrono::TimeDelta;
use clap::ValueEnum;

use crate::audit::{self, Head};
use crate::db::{Db, SystemTx};
use crate::web::error::AppError;
use draw::{Draw, Year};
use plan::{EVENTS, Host, INTEGRATIONS, Plan};
use store::Batch;

pub use words::RARE;

/// How large a program is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Size {
    /// 1,000 partners.
    Small,
    /// 10,000 partners.
    Medium,
    /// 100,000 partners: 500,000 people, a million integrations and tier assignments, two million tenants.
    Large,
}

/// How much is made of everything.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Partners beside those of the story.
    pub partners: u64,
    /// Campaigns; five of them, or a multiple.
    pub campaigns: u64,
    /// Tenants of the whale.
    pub whale_tenants: u64,
    /// Events of the whale beside those that each partner has.
    pub whale_events: u64,
}

impl Size {
    /// What the words mean.
    pub fn extent(self) -> Extent {
        let (partners, campaigns) = match self {
            Size::Small => (1_000, 20),
            Size::Medium => (10_000, 60),
            Size::Large => (100_000, 200),
        };
        Extent { partners, campaigns, whale_tenants: 20_000, whale_events: 100_000 }
    }
}

/// Rows of partners, and of the log, that are made at once.
const PARTNERS_AT_ONCE: u64 = 100;
const EVENTS_AT_ONCE: u64 = 5_000;
const TENANTS_AT_ONCE: u64 = 5_000;

/// On what it is built.
#[derive(Clone, Copy, Debug)]
pub struct Cast {
    /// The program's code.
    pub program: &'static str,
    /// Addresses of a hosting administrator, a CSR and a reviewer, in whose names things were done.
    pub hosts: [&'static str; 3],
}

/// The demo's own.
pub const SOLSTICE: Cast = Cast {
    program: "SOLSTICE",
    hosts: ["ana.ferreira@solstice.example", "dele.martins@solstice.example", "rita.carvalho@solstice.example"],
};

/// How far it is: rows, and then indexes, done and in all.
pub struct Progress {
    /// What is being done.
    pub what: &'static str,
    /// How many are done.
    pub done: u64,
    /// Of how many.
    pub of: u64,
}

/// Fills a program, in one transaction; everybody's password has this hash.
///
/// # Errors
/// When the cast is not there, or the database refuses a row.
pub fn fill(
    db: &Db,
    cast: Cast,
    hash: &str,
    (extent, seed): (Extent, u64),
    mut told: impl FnMut(Progress),
) -> anyhow::Result<()> {
    db.system_now("demo: fill a large program", |tx| {
        let plan = plan(tx, cast, hash, (extent, seed)).map_err(AppError::Internal)?;
        let head = prepare(tx, &plan)?;
        let aside = store::set_aside(tx)?;
        let of = rows_in_all(&plan);
        let mut done = 0;
        made_apart(&plan, head, |batch| {
            done += batch.count();
            store::copy(tx, batch)?;
            told(Progress { what: "rows", done: done.min(of), of });
            Ok(())
        })?;
        let mut done = 0;
        aside.make_again(tx, || {
            done += 1;
            told(Progress { what: "indexes and rules", done, of: aside.count() });
        })?;
        audit::store::queueing(tx, true)?;
        store::remind_nobody_today(tx, plan.ground.program)
    })
    .map_err(super::told)
    .context("the large program could not be filled")
}

/// Makes the log's months, and chains what the story left: what is copied is chained where it is made, and not queued.
fn prepare(tx: &mut SystemTx<'_>, plan: &Plan) -> Result<Head, AppError> {
    audit::store::make_months(tx, plan.year.begins, plan.now)?;
    if !audit::store::take_turn(tx)? {
        return Err(AppError::Busy("a portal chains its log at this moment: stop it".into()));
    }
    while audit::job::chain_some(tx, None)? > 0 {}
    audit::store::queueing(tx, false)?;
    audit::store::head(tx)
}

/// About how many rows there will be, for whoever waits.
fn rows_in_all(plan: &Plan) -> u64 {
    // Partner, people twice, connection, product, campaigns, integrations with submissions and versions, tenants.
    plan.extent.partners * (1 + 10 + 1 + 1 + 15 + 29 + 24 + EVENTS)
        + plan.extent.whale_tenants
        + plan.extent.whale_events
}

fn plan(tx: &mut SystemTx<'_>, cast: Cast, hash: &str, (extent, seed): (Extent, u64)) -> anyhow::Result<Plan> {
    let ground = store::ground(tx, cast.program, &cast.hosts).map_err(super::told)?;
    let host = |address: &str| {
        let found = ground.people.iter().find(|(email, _, _)| email == address);
        found.map(|(_, id, name)| Host { id: *id, name: name.clone() }).ok_or_else(|| anyhow!("{address} is not there"))
    };
    let [ana, dele, rita] = cast.hosts;
    let (ana, dele, rita) = (host(ana)?, host(dele)?, host(rita)?);
    if ground.types.is_empty() || ground.tiers.is_empty() {
        bail!("{} has no partner types or no tiers", cast.program);
    }
    let now = tx.now();
    let (begins, ends) = (now - TimeDelta::days(364), now - TimeDelta::days(1));
    let year = Year { begins, ends, rounds: EVENTS, partners: extent.partners };
    Ok(Plan { draw: Draw(seed), year, ground, ana, dele, rita, hash: hash.to_owned(), now, extent })
}

/// Makes rows on a thread of their own while those before them are stored on this one.
fn made_apart(plan: &Plan, head: Head, mut store: impl FnMut(Batch) -> Result<(), AppError>) -> Result<(), AppError> {
    thread::scope(|scope| {
        let (sender, receiver): (_, Receiver<Result<Batch, serde_json::Error>>) = sync_channel(4);
        scope.spawn(move || made(plan, head, &sender));
        for batch in receiver {
            store(batch.map_err(|cause| AppError::Internal(cause.into()))?)?;
        }
        Ok(())
    })
}

/// A part of all rows.
enum Part {
    Campaigns,
    Partners(Range<u64>),
    /// Tenants that only the whale has.
    Whale(Range<u64>),
    Events(u64, Range<u64>),
}

fn parts(plan: &Plan) -> impl Iterator<Item = Part> {
    fn ranges(range: Range<u64>, step: u64) -> impl Iterator<Item = Range<u64>> {
        let end = range.end;
        range.step_by(step as usize).map(move |from| from..(from + step).min(end))
    }
    let partners = plan.extent.partners;
    std::iter::once(Part::Campaigns)
        .chain(ranges(0..partners, PARTNERS_AT_ONCE).map(Part::Partners))
        .chain(ranges(plan::TENANTS..plan.extent.whale_tenants, TENANTS_AT_ONCE).map(Part::Whale))
        .chain(
            (0..EVENTS).flat_map(move |round| {
                ranges(0..partners, EVENTS_AT_ONCE).map(move |places| Part::Events(round, places))
            }),
        )
}

/// Ends when all is made, or nobody takes it any more.
fn made(plan: &Plan, mut head: Head, to: &SyncSender<Result<Batch, serde_json::Error>>) {
    for part in parts(plan) {
        let batch = rows(plan, part).map(|mut batch| {
            head = log::chain(&mut batch, head);
            batch
        });
        if to.send(batch).is_err() {
            return;
        }
    }
}

fn rows(plan: &Plan, part: Part) -> Result<Batch, serde_json::Error> {
    let mut batch = Batch::default();
    match part {
        Part::Campaigns => {
            for number in 0..plan.extent.campaigns {
                campaigns::rows(plan, number, &mut batch)?;
                log::campaign(plan, number, &mut batch)?;
            }
        }
        Part::Partners(numbers) => {
            for number in numbers {
                partners::rows(plan, number, &mut batch);
                building::rows(plan, number, &mut batch)?;
                for tenant in 0..plan::TENANTS {
                    building::tenant(plan, number, tenant, &mut batch);
                }
                for integration in 0..INTEGRATIONS {
                    log::submitted(plan, number, integration, &mut batch)?;
                }
            }
        }
        Part::Whale(tenants) => {
            for tenant in tenants {
                building::tenant(plan, plan::WHALE, tenant, &mut batch);
            }
        }
        Part::Events(round, places) => log::rows(plan, round, places, &mut batch)?,
    }
    Ok(batch)
}

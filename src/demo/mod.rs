//! The demo: two believable programs, made through the same use cases as the screens, so that every event is there.
//!
//! It is the same each time but for the days, which lie in the year before now. It refuses a database that has
//! anything in it.

mod answers;
mod campaigns;
mod cast;
mod exchange;
mod installs;
mod integrations;
mod invited;
mod layouts;
mod offers;
mod reviews;
mod rules;
pub mod scale;
mod story;

use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};

use crate::access::password;
use crate::access::seal::Sealer;
use crate::audit;
use crate::db::{Clock, Db};
use crate::people::store as people;
use crate::web::error::AppError;

/// A person to sign in as.
pub struct SignInLine {
    /// Which kind of person they are.
    pub kind: &'static str,
    /// Their address.
    pub email: &'static str,
}

/// One person of each kind, in the order of the README.
pub const PEOPLE: [SignInLine; 8] = [
    SignInLine { kind: "Hosting admin", email: "ana.ferreira@solstice.example" },
    SignInLine { kind: "Partner admin", email: "misaki.tanaka@shinonome.example" },
    SignInLine { kind: "CSR", email: "dele.martins@solstice.example" },
    SignInLine { kind: "Reviewer", email: "rita.carvalho@solstice.example" },
    SignInLine { kind: "Auditor", email: "ingrid.solheim@solstice.example" },
    SignInLine { kind: "Partner user", email: "daniela.kuhn@shinonome.example" },
    SignInLine { kind: "System administrator", email: "sam.adeyemi@portico.example" },
    SignInLine { kind: "Another program’s admin", email: "june.whitfield@northstar.example" },
];

/// Loads the demo with one password for all its people; the portal's key encrypts what it has of credentials.
///
/// # Errors
/// When there is something in the database, or a use case refuses.
pub fn load(db: &Db, key: &[u8], password: &str) -> anyhow::Result<()> {
    hashed(db, key, password).map(drop)
}

/// Loads the demo, and then makes its first program as large as a real one.
///
/// # Errors
/// As [`load`], and when the database refuses a row; then the story alone is there.
pub fn load_large(
    db: &Db,
    key: &[u8],
    password: &str,
    (extent, seed): (scale::Extent, u64),
    told: impl FnMut(scale::Progress),
) -> anyhow::Result<()> {
    let hash = hashed(db, key, password)?;
    scale::fill(db, scale::SOLSTICE, &hash, (extent, seed), told)?;
    let seals = audit::Seals::new(key, &[]);
    Ok(db.system_now("demo: seal the log that it made", |tx| audit::seal::cover(tx, &seals))?)
}

/// Loads the demo; returns the hash of its password.
fn hashed(db: &Db, key: &[u8], password: &str) -> anyhow::Result<String> {
    if password.chars().count() < password::SHORTEST || !password::fits(password) {
        bail!("the password needs {} to {} characters", password::SHORTEST, password::LONGEST);
    }
    if !db.system_now("demo: look whether anything is there", people::is_empty)? {
        bail!("there are people in this database already; the demo wants an empty one");
    }
    let now = db.now();
    let (from, through) = (now - TimeDelta::days(396), now + TimeDelta::days(92));
    db.system_now("demo: make the log's months", |tx| audit::store::make_months(tx, from, through))?;
    let hash = password::hash_now(password)?;
    story::tell(&Stage::new(db, key, db.now()), &hash).context("the demo could not be loaded")?;
    Ok(hash)
}

/// A database whose clock the story moves.
pub struct Stage {
    db: Db,
    sealer: Sealer,
    today: DateTime<Utc>,
}

impl Stage {
    fn new(db: &Db, key: &[u8], today: DateTime<Utc>) -> Stage {
        Stage { db: db.with_clock(Clock::fixed(today)), sealer: Sealer::new(key, &[]), today }
    }

    /// Goes to a moment so long before today's.
    fn ago(&self, time: TimeDelta) {
        self.db.clock().set(self.today - time);
    }

    /// Goes to a moment: so many days ago, at so many minutes after 08:00 UTC.
    fn at(&self, days_ago: i64, minutes: i64) {
        let day = (self.today - TimeDelta::days(days_ago)).date_naive();
        let moment = day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(8) + TimeDelta::minutes(minutes);
        // The story never runs ahead of now.
        self.db.clock().set(moment.min(self.today));
    }
}

/// Errors of use cases, with their sentences.
fn told(error: AppError) -> anyhow::Error {
    match error {
        AppError::Invalid(errors) => {
            anyhow::anyhow!(errors.iter().map(|error| error.summary()).collect::<Vec<_>>().join("; "))
        }
        other => anyhow::Error::new(other),
    }
}

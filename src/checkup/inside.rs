//! What is inside the database: how it stands to this program, what is sealed in it, the audit log, and the jobs.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::pg::PgConnection;

use super::store::{self, Sealed};
use super::{Finding, or_ok};
use crate::access::seal::Sealer;
use crate::access::totp::AppSecret;
use crate::audit::{Seals, verify};
use crate::config::Config;
use crate::db::{Db, migrations, plain_connection};
use crate::jobs::{self, Job};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::counted;

/// The oldest PostgreSQL that Portico is tested with, as the server numbers itself.
const OLDEST: i32 = 150_000;

/// The database: whether it answers, is up to date, and keeps people apart. After the first failure nothing more is
/// looked at.
pub fn database(url: &str, config: &Config) -> Vec<Finding> {
    const WHAT: &str = "database";
    let mut conn = match plain_connection(url) {
        Ok(conn) => conn,
        Err(cause) => {
            return vec![Finding::fail(WHAT, format!("{cause:#}"), "look at database.url; is PostgreSQL running?")];
        }
    };
    match up_to_date(&mut conn).and_then(|says| Ok((says, rights(&mut conn)?, limits(&mut conn, config)?))) {
        Err(finding) => vec![finding],
        Ok((stand, rights, limits)) => vec![stand, rights, limits],
    }
}

fn broken(what: &'static str, cause: &anyhow::Error) -> Finding {
    Finding::fail(what, format!("{cause:#}"), "see docs/upgrading.md")
}

fn up_to_date(conn: &mut PgConnection) -> Result<Finding, Finding> {
    const WHAT: &str = "database";
    let server = store::server(conn).map_err(|cause| broken(WHAT, &cause.into()))?;
    if server < OLDEST {
        return Err(Finding::fail(
            WHAT,
            format!("PostgreSQL {} is too old", server / 10_000),
            "use PostgreSQL 15 or newer",
        ));
    }
    migrations::refuse_newer(conn).map_err(|cause| broken(WHAT, &cause))?;
    let status = migrations::status(conn).map_err(|cause| broken(WHAT, &cause))?;
    if !status.pending.is_empty() {
        return Err(Finding::fail(
            WHAT,
            format!("it lacks {} migrations", status.pending.len()),
            "run `portico migrate run` (or `portico serve --migrate`)",
        ));
    }
    let says = format!("PostgreSQL {}, {} migrations, none is lacking", server / 10_000, status.applied.len());
    Ok(Finding::ok(WHAT, says))
}

fn rights(conn: &mut PgConnection) -> Result<Finding, Finding> {
    const WHAT: &str = "roles";
    migrations::check_roles(conn).map_err(|cause| broken(WHAT, &cause))?;
    let rights = store::rights(conn).map_err(|cause| broken(WHAT, &cause.into()))?;
    if let Some(role) = rights.closed {
        return Err(Finding::fail(
            WHAT,
            format!("the portal’s user cannot act as {role}"),
            format!("as an administrator of the database: GRANT {role} TO {}", rights.own),
        ));
    }
    if let Some(table) = rights.bare {
        return Err(Finding::fail(
            WHAT,
            format!("row-level security of {table} is switched off, though it has policies"),
            format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, and ask who switched it off"),
        ));
    }
    Ok(Finding::ok(
        WHAT,
        format!("row-level security guards {} tables, and pages cannot get around it", rights.guarded),
    ))
}

fn limits(conn: &mut PgConnection, config: &Config) -> Result<Finding, Finding> {
    const WHAT: &str = "connections";
    let most = store::connections(conn).map_err(|cause| broken(WHAT, &cause.into()))?;
    let pool = config.database.pool_size;
    let says = format!("this portal takes up to {pool} of the server’s {most}");
    if i64::from(pool) + 5 > i64::from(most) {
        let todo = "lower database.pool_size, or raise max_connections of PostgreSQL";
        return Ok(Finding::warn(WHAT, says, todo));
    }
    Ok(Finding::ok(WHAT, says))
}

/// Whether everything that is encrypted can be read, and with which key.
///
/// # Errors
/// When the database does not answer, or there is no key.
pub fn secrets(db: &Db, config: &Config) -> anyhow::Result<Vec<Finding>> {
    const WHAT: &str = "secrets";
    let (present, older) = (config.key()?, config.old_keys()?);
    let names =
        |name: &dyn Fn(&[u8]) -> String| (name(&present), older.iter().map(|key| name(key)).collect::<Vec<_>>());
    let by_sealer = names(&|key| Sealer::new(key, &[]).key_id());
    let by_factor = names(&AppSecret::key_id);
    let all = db.system_now("command: count what is encrypted", store::sealed)?;
    let (mut lost, mut old, mut good) = (0, 0, 0);
    for Sealed { is_factor, key_id, count } in all {
        let (present, older) = if is_factor { &by_factor } else { &by_sealer };
        if key_id == *present {
            good += count;
        } else if older.contains(&key_id) {
            old += count;
        } else {
            lost += count;
        }
    }
    let mut found = Vec::new();
    if lost > 0 {
        let says = format!("{lost} secrets are encrypted with a key that is not here");
        let todo = "put that key into old_secret_keys, and run `portico keys rotate`; if it is lost, enter them anew";
        found.push(Finding::warn(WHAT, says, todo));
    }
    if old > 0 {
        let says = format!("{old} secrets are encrypted with a key of old_secret_keys");
        found.push(Finding::warn(WHAT, says, "run `portico keys rotate`"));
    }
    if old == 0 && lost == 0 && !older.is_empty() {
        let says = format!("{good} are encrypted with the present key, and old_secret_keys is still set");
        found.push(Finding::warn(WHAT, says, "run `portico keys rotate` once more, and take old_secret_keys away"));
    }
    Ok(or_ok(found, WHAT, format!("{good} are encrypted, with the present key")))
}

/// The newest lines of the audit log; `portico audit verify` looks at all of them.
///
/// # Errors
/// When the database does not answer.
pub fn audit(db: &Db, seals: &Seals) -> Result<Finding, AppError> {
    const WHAT: &str = "audit log";
    let report = verify::newest(db, seals)?;
    if let Some(fault) = report.faults.first() {
        let says = format!("it is not what was written: {}", fault.sentence());
        return Ok(Finding::fail(WHAT, says, "see docs/audit.md, and change nothing"));
    }
    if let Some(trigger) = report.triggers_off.first() {
        let says = format!("it is open to changes: the trigger {trigger} is switched off");
        return Ok(Finding::fail(WHAT, says, "ask who did that, switch it on, and run `portico audit verify`"));
    }
    let late = report.waiting_since.filter(|since| db.now() - *since > TimeDelta::minutes(10));
    let says = format!("chained up to {}, sealed up to entry {}", report.head, report.sealed.through);
    Ok(match late {
        Some(since) => {
            let says = format!("{says}; {} lines wait since {since}", report.waiting);
            Finding::warn(WHAT, says, "is a portal running? `portico jobs list` says why not")
        }
        None => Finding::ok(WHAT, says),
    })
}

/// Whether the background jobs run.
///
/// # Errors
/// When the database does not answer.
pub fn jobs(db: &Db, config: &Config) -> Result<Vec<Finding>, AppError> {
    const WHAT: &str = "jobs";
    let mail = Duration::from_secs(config.mail.poll_seconds);
    let (runs, waiting) =
        db.system_now("command: list the jobs", |tx| Ok((jobs::store::runs(tx)?, jobs::store::waiting(tx)?)))?;
    let mut found = Vec::new();
    for run in &runs {
        let job = Job::ALL.iter().find(|job| job.key() == run.job);
        if run.is_failing() {
            let says = format!("{} fails: {}", run.job, run.problem.as_deref().unwrap_or_default());
            found.push(Finding::fail(WHAT, says, "see the log of the portal, and `portico jobs list`"));
        } else if job.is_some_and(|job| job.is_late(run.ran_at, db.now(), mail)) {
            let says = format!("{} ran last at {}", run.job, run.ran_at);
            found.push(Finding::warn(WHAT, says, "is a portal running?"));
        }
    }
    if waiting.letters_failed > 0 {
        let says = format!("{} given up", counted(waiting.letters_failed, "letter was", "letters were"));
        found.push(Finding::warn(WHAT, says, "see `portico mail list --state failed`, then `portico jobs retry`"));
    }
    let says =
        if runs.is_empty() { "none has run yet: no portal serves this database" } else { "all ran as they should" };
    Ok(or_ok(found, WHAT, says))
}

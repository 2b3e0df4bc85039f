//! Tenants of what the demo published, with runs as their partners' systems would report them.

use chrono::TimeDelta;

use super::story::{Known, grant, person, read};
use super::{Stage, told};
use crate::access::{Actor, CreateToken, Grant, Permission, Place, ReadTenant, Standing, UpdateTenant};
use crate::db::ids::{IntegrationId, PartnerId};
use crate::integrations;
use crate::partners;
use crate::partners::model::Status;
use crate::tenants::model::{Facts, Outcome, Report, Schedule};
use crate::tenants::stage::Move;
use crate::tenants::{edit, moves, runs};
use crate::tokens;
use crate::tokens::model::{NewToken, TokenScope};
use crate::values::Name;
use crate::web::error::AppError;

const ANA: &str = "ana.ferreira@solstice.example";

/// Customers, how often theirs runs, and how its last runs ended, the oldest first: `+` good, `~` partly, `-` failed.
const CUSTOMERS: [(&str, &str, Schedule, &str); 5] = [
    ("Harbour & Sons", "harbour", Schedule::Hourly, "++++~+++"),
    ("Casa do Rio", "casa-rio", Schedule::Daily, "+++-+++"),
    ("Lindqvist Group", "lindqvist", Schedule::Daily, "++++--"),
    ("Old Mill Company", "old-mill", Schedule::Weekly, "++"),
    ("Nordstern GmbH", "nordstern", Schedule::Manual, ""),
];

/// A published integration with its partner.
type Live = (IntegrationId, Place<PartnerId>, String);

/// Gives each published integration in Ana's program some tenants; without any there is nothing to do.
pub fn tenants(stage: &Stage, known: &Known) -> anyhow::Result<()> {
    let ana = person(known, ANA);
    stage.at(8, 30);
    let looks = grant::<ReadTenant>(stage, ana)?;
    let live = stage.db.read_now(&looks, found).map_err(told)?;
    let mut supplied: Vec<PartnerId> = Vec::new();
    for (order, (integration, partner, name)) in (0i64..).zip(&live) {
        if !supplied.contains(&partner.id) {
            supplied.push(partner.id);
            stage.at(8, 40 + order);
            token(stage, &grant(stage, ana)?, partner)?;
        }
        for (at, customer) in (0i64..).zip(CUSTOMERS.iter().skip((order % 2) as usize)) {
            install(stage, looks.actor(), (*integration, partner, name), (order * 10 + at, customer))?;
        }
    }
    Ok(())
}

fn found(tx: &mut crate::db::ReadTx<'_>) -> Result<Vec<Live>, AppError> {
    let mut live = Vec::new();
    for (id, partner, name) in integrations::store::published_names(tx, 100)? {
        let names = partners::store::names(tx, &[partner])?;
        let (code, partner_name) = names.get(&partner).cloned().ok_or(AppError::NotFound)?;
        if partners::store::find(tx, &code)?.status == Status::Active {
            live.push((id, Place { id: partner, code, name: partner_name }, name));
        }
    }
    Ok(live)
}

/// The token that its systems are said to use; nobody has it.
fn token(stage: &Stage, grant: &Grant<CreateToken>, partner: &Place<PartnerId>) -> anyhow::Result<()> {
    use secrecy::ExposeSecret;
    let fresh = tokens::model::fresh();
    let (hash, hint) = (tokens::model::hash(fresh.expose_secret()).unwrap_or_default(), tokens::model::hint(&fresh));
    let code = partner.code.clone();
    let made = |tx: &mut crate::db::WriteTx<'_, CreateToken>| {
        let new = NewToken {
            name: read(Name::parse("Connector"))?,
            scopes: vec![TokenScope::TenantsRead, TokenScope::TenantsWrite, TokenScope::RunsWrite],
            expires_at: tx.now() + TimeDelta::days(300),
        };
        tokens::handlers::made(tx, &code, &new, &hash, &hint)
    };
    stage.db.write_now(grant, made).map_err(told)
}

/// What the connector may do now by one of its scopes.
fn connector<P: Permission>(ana: &Actor, partner: &Place<PartnerId>, scope: TokenScope) -> anyhow::Result<Grant<P>> {
    let program = ana.program().cloned().ok_or_else(|| anyhow::anyhow!("no program"))?;
    let actor = Actor::by_token(
        "Connector",
        scope.powers(false),
        Standing::Full,
        (program, false),
        (Some(partner.clone()), chrono_tz::UTC),
        ("demo".into(), "127.0.0.1".into()),
    );
    Grant::check(actor).map_err(told)
}

fn install(
    stage: &Stage,
    ana: &Actor,
    (integration, partner, live): (IntegrationId, &Place<PartnerId>, &str),
    (order, (name, external, schedule, ended)): (i64, &(&str, &str, Schedule, &str)),
) -> anyhow::Result<()> {
    stage.at(7, 60 + order);
    let make = connector(ana, partner, TokenScope::TenantsWrite)?;
    let tenant = stage
        .db
        .write_now(&make, |tx| {
            let facts = Facts {
                name: read(Name::parse(name))?,
                external_id: (*external).to_owned(),
                schedule: *schedule,
                note: format!("Connector 2.4 of {live}"),
            };
            edit::made(tx, &integration.to_string(), &facts)
        })
        .map_err(told)?;
    if ended.is_empty() {
        return Ok(());
    }
    stage.at(7, 90 + order);
    let change = connector::<UpdateTenant>(ana, partner, TokenScope::TenantsWrite)?;
    let id = tenant.id.to_string();
    stage.db.write_now(&change, |tx| moves::moved(tx, &id, tenant.version, Move::Activate, "")).map_err(told)?;
    let tell = connector(ana, partner, TokenScope::RunsWrite)?;
    let count = ended.chars().count() as i64;
    for (run, how) in (0i64..).zip(ended.chars()) {
        let hours = match schedule {
            Schedule::Hourly => 1,
            Schedule::Daily | Schedule::Manual => 20,
            Schedule::Weekly => 72,
        };
        stage.ago(TimeDelta::hours((count - run) * hours) + TimeDelta::minutes(order));
        let (key, report) = (format!("run-{}", run + 1), report(how, run, stage.db.now()));
        stage.db.write_now(&tell, |tx| runs::reported(tx, &id, &key, &report)).map_err(told)?;
    }
    Ok(())
}

fn report(how: char, run: i64, now: chrono::DateTime<chrono::Utc>) -> Report {
    let read = 400 + run * 37;
    let (outcome, failed, message) = match how {
        '-' => (Outcome::Failed, read, "The endpoint refused the credentials (401)."),
        '~' => (Outcome::Partly, 6, "6 records have no member number."),
        _ => (Outcome::Succeeded, 0, ""),
    };
    let written = read - failed;
    let log = format!("connected\nread {read} records\nwrote {written}\nfailed {failed}\n{message}");
    Report {
        outcome,
        started_at: now - TimeDelta::seconds(75),
        finished_at: Some(now),
        records_read: read,
        records_written: written,
        records_failed: failed,
        message: message.into(),
        log: log.trim_end().to_owned(),
    }
}

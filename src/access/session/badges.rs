//! What the sidebar counts, in one statement: each page of everybody asks it.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Nullable, Timestamptz, Uuid as SqlUuid};

use super::Waiting;
use crate::access::actor::{Actor, Scope};
use crate::access::permission::{Permission as _, ReadIntegration, ReadMail};
use crate::db::ids::{PartnerId, ProgramId};
use crate::db::schema::integrations;
use crate::db::{SystemTx, counted};
use crate::web::error::AppError;

/// Counts end at one more than a thousand.
#[derive(Clone, Copy, Default)]
pub(super) struct Badges {
    /// Partners in scope, for who sees a program.
    pub partners: Option<i64>,
    /// Letters about the program that failed lately, for who reads its mail log.
    pub failed_letters: Option<i64>,
    /// Integrations that wait for whoever reads them where they are.
    pub waiting: Option<Waiting>,
}

/// What is to be counted of a program.
#[derive(QueryId)]
struct Asked {
    program: ProgramId,
    /// Whether letters are counted too.
    mail: bool,
    /// Letters since then.
    since: DateTime<Utc>,
    now: DateTime<Utc>,
}

impl QueryFragment<Pg> for Asked {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT (SELECT count(*) FROM (SELECT FROM partners WHERE program_id = ");
        out.push_bind_param::<SqlUuid, _>(&self.program)?;
        out.push_sql(" LIMIT 1001) AS counted), CASE WHEN ");
        out.push_bind_param::<Bool, _>(&self.mail)?;
        out.push_sql(" THEN (SELECT count(*) FROM (SELECT FROM outbox WHERE state = 'failed' AND program_id = ");
        out.push_bind_param::<SqlUuid, _>(&self.program)?;
        out.push_sql(" AND created_at >= ");
        out.push_bind_param::<Timestamptz, _>(&self.since)?;
        // What was sent again, or is about an invitation that is over, needs nobody any more.
        out.push_sql(" AND NOT portico_is_settled(outbox) LIMIT 1001) AS counted) END, ");
        out.push_sql(
            "waiting.count, waiting.late FROM (SELECT count(*) AS count, count(*) FILTER (WHERE expected_at < ",
        );
        out.push_bind_param::<Timestamptz, _>(&self.now)?;
        out.push_sql(
            ") AS late FROM (SELECT expected_at FROM integrations WHERE expected_at IS NOT NULL AND program_id = ",
        );
        out.push_bind_param::<SqlUuid, _>(&self.program)?;
        out.push_sql(" ORDER BY expected_at, id LIMIT 1001) AS counted) AS waiting");
        Ok(())
    }
}

impl Query for Asked {
    type SqlType = (BigInt, Nullable<BigInt>, BigInt, BigInt);
}

impl RunQueryDsl<PgConnection> for Asked {}

/// Counts for somebody's sidebar, as far as they may read what is counted.
///
/// # Errors
/// When the database does not answer.
pub(super) fn load(tx: &mut SystemTx<'_>, actor: &Actor) -> Result<Badges, AppError> {
    match actor.scope {
        Scope::Everything => Ok(Badges::default()),
        Scope::Program(program) => of_program(tx, program, actor),
        Scope::Partner { partner, .. } => of_partner(tx, partner, actor),
    }
}

fn of_program(tx: &mut SystemTx<'_>, program: ProgramId, actor: &Actor) -> Result<Badges, AppError> {
    let now = tx.now();
    let asked = Asked { program, mail: actor.may(&ReadMail::RULE), since: now - TimeDelta::days(7), now };
    let (partners, failed_letters, count, late) = asked.get_result::<(i64, Option<i64>, i64, i64)>(tx.conn())?;
    let waiting = actor.may(&ReadIntegration::RULE).then_some(Waiting { count, late });
    Ok(Badges { partners: Some(partners), failed_letters, waiting })
}

/// What waits for a partner's own people.
fn of_partner(tx: &mut SystemTx<'_>, partner: PartnerId, actor: &Actor) -> Result<Badges, AppError> {
    if !actor.may(&ReadIntegration::RULE) {
        return Ok(Badges::default());
    }
    let asked = integrations::state.eq("changes_requested").or(integrations::revision.eq("changes_requested"));
    let some = integrations::table
        .filter(integrations::partner_id.eq(partner).and(asked.assume_not_null()))
        .select(integrations::id)
        .limit(1001);
    let waiting = Waiting { count: counted(some, tx.conn())?, late: 0 };
    Ok(Badges { waiting: Some(waiting), ..Badges::default() })
}

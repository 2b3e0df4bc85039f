//! All SQL of the activity log.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::event::{Event, Group};
use crate::access::{Actor, Permission, ReadAllActivity, Role, Scope};
use crate::db::ids::{
    ActivityId, CampaignId, ConnectionId, IntegrationId, PartnerId, ProductId, ProgramId, TenantId, UserId,
};
use crate::db::schema::activity;
use crate::db::{ReadTx, SystemTx};
use crate::web::error::AppError;
use crate::web::listing::{Keyset, like};

/// Rows in one statement: 14 columns each stay below Postgres's 65,535 values.
const AT_ONCE: usize = 2000;

#[derive(Insertable)]
#[diesel(table_name = activity)]
struct NewRow<'a> {
    id: ActivityId,
    at: DateTime<Utc>,
    program_id: Option<ProgramId>,
    partner_id: Option<PartnerId>,
    actor_id: Option<UserId>,
    actor_name: &'a str,
    actor_role: &'a str,
    on_behalf: bool,
    hosts_only: bool,
    kind: &'a str,
    event: serde_json::Value,
    changes: serde_json::Value,
    request_id: &'a str,
    address: &'a str,
}

/// What system administrators do to their own accounts is no program's history.
fn is_above_programs(actor: &Actor, event: &Event) -> bool {
    actor.role() == Some(Role::SystemAdmin) && event.partner().is_none() && event.group() == Group::People
}

fn row<'a>(
    actor: &'a Actor,
    at: DateTime<Utc>,
    made: Option<ProgramId>,
    event: &'a Event,
) -> Result<NewRow<'a>, AppError> {
    let json =
        |value: Result<serde_json::Value, serde_json::Error>| value.map_err(|cause| AppError::Internal(cause.into()));
    let partner = event.partner();
    let own = actor.partner().map(|own| own.id);
    Ok(NewRow {
        id: ActivityId::new(),
        at,
        program_id: made.or(if is_above_programs(actor, event) { None } else { actor.program_id() }),
        // What a partner's own people do to themselves is the partner's history too.
        partner_id: partner.or(match actor.scope() {
            Scope::Partner { partner, .. } => Some(partner),
            _ => None,
        }),
        actor_id: actor.user(),
        actor_name: actor.name(),
        actor_role: actor.role_name(),
        on_behalf: event.is_done_for_the_partner() && partner != own,
        hosts_only: event.is_for_hosts_only(),
        kind: event.kind(),
        event: json(serde_json::to_value(event))?,
        changes: json(serde_json::to_value(event.changes()))?,
        request_id: actor.request_id(),
        address: actor.address(),
    })
}

/// Stores what a use case did; called by [`crate::db::Db::write`] only.
pub(crate) fn insert(tx: &mut ReadTx<'_>, events: &[Event]) -> Result<(), AppError> {
    let (actor, now) = (tx.actor().clone(), tx.now());
    // What comes into being with a program belongs to it, not to the one that the person has open.
    let made = events.iter().find_map(Event::program);
    let rows = events.iter().map(|event| row(&actor, now, made, event)).collect::<Result<Vec<_>, _>>()?;
    for chunk in rows.chunks(AT_ONCE) {
        diesel::insert_into(activity::table).values(chunk).execute(tx.conn())?;
    }
    Ok(())
}

/// Stores what happened to an account, in a transaction without a scope.
///
/// # Errors
/// When the database does not answer.
pub fn record(tx: &mut SystemTx<'_>, actor: &Actor, event: &Event) -> Result<(), AppError> {
    let row = row(actor, tx.now(), event.program(), event)?;
    diesel::insert_into(activity::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// The last thing of a kind that somebody did.
///
/// # Errors
/// When the database does not answer.
pub fn last_by(tx: &mut SystemTx<'_>, who: UserId, kind: &str) -> Result<Option<Event>, AppError> {
    let found: Option<serde_json::Value> = activity::table
        .filter(activity::actor_id.eq(who).and(activity::kind.eq(kind)))
        .order((activity::at.desc(), activity::id.desc()))
        .select(activity::event)
        .first(tx.conn())
        .optional()?;
    Ok(found.and_then(|event| serde_json::from_value(event).ok()))
}

/// One stored line.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = activity)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Line {
    pub id: ActivityId,
    pub at: DateTime<Utc>,
    pub partner_id: Option<PartnerId>,
    pub actor_name: String,
    pub actor_role: String,
    pub on_behalf: bool,
    pub kind: String,
    pub event: serde_json::Value,
    pub changes: serde_json::Value,
    pub request_id: String,
}

/// What a list of activity is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// One partner.
    pub partner: Option<PartnerId>,
    /// One connection.
    pub connection: Option<ConnectionId>,
    /// One integration.
    pub integration: Option<IntegrationId>,
    /// One tenant.
    pub tenant: Option<TenantId>,
    /// One product.
    pub product: Option<ProductId>,
    /// One campaign.
    pub campaign: Option<CampaignId>,
    /// One group of events.
    pub group: Option<Group>,
    /// Part of the name of who did it.
    pub who: String,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

impl Filter {
    /// The id of the one thing that is asked for; its kind follows from it.
    fn thing(&self) -> Option<Uuid> {
        let tenant = self.tenant.map(|id| id.uuid());
        let tenant = tenant.or(self.integration.map(|id| id.uuid())).or(self.product.map(|id| id.uuid()));
        tenant.or(self.connection.map(|id| id.uuid())).or(self.campaign.map(|id| id.uuid()))
    }
}

/// The lines a person may see: their scope's, or of them their own acts only.
fn visible(tx: &ReadTx<'_>) -> activity::BoxedQuery<'static, diesel::pg::Pg> {
    let rows = activity::table.into_boxed();
    let rows = match tx.scope() {
        Scope::Everything => rows,
        Scope::Program(program) if tx.actor().role() == Some(Role::SystemAdmin) => {
            rows.filter(activity::program_id.eq(program).or(activity::program_id.is_null()))
        }
        Scope::Program(program) => rows.filter(activity::program_id.eq(program)),
        Scope::Partner { partner, .. } => {
            rows.filter(activity::partner_id.eq(partner).and(diesel::dsl::not(activity::hosts_only)))
        }
    };
    match tx.actor().user() {
        Some(own) if !tx.actor().may(&ReadAllActivity::RULE) => rows.filter(activity::actor_id.eq(own)),
        _ => rows,
    }
}

/// When the newest line happened that cannot be changed unnoticed any more, for who may read a whole program's lines.
///
/// # Errors
/// When the database does not answer.
pub fn sealed_until(tx: &mut ReadTx<'_>) -> Result<Option<DateTime<Utc>>, AppError> {
    if matches!(tx.scope(), Scope::Partner { .. }) || !tx.actor().may(&ReadAllActivity::RULE) {
        return Ok(None);
    }
    Ok(diesel::select(portico_sealed_until()).get_result(tx.conn())?)
}

diesel::define_sql_function! {
    /// See the migration that makes it.
    fn portico_sealed_until() -> diesel::sql_types::Nullable<Timestamptz>;
}

/// One page, latest first.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>, filter: &Filter, page: &Keyset) -> Result<Vec<Line>, AppError> {
    let mut rows = visible(tx);
    if let Some(partner) = filter.partner {
        rows = rows.filter(activity::partner_id.eq(partner));
    }
    if let Some(thing) = filter.thing() {
        rows = rows.filter(activity::about_id.eq(thing));
    }
    if let Some(group) = filter.group {
        let kinds: Vec<&str> =
            Event::samples("").iter().filter(|event| event.group() == group).map(Event::kind).collect();
        rows = rows.filter(activity::kind.eq_any(kinds));
    }
    if !filter.who.is_empty() {
        rows = rows.filter(activity::actor_name.ilike(like(&filter.who)));
    }
    if let Some(from) = filter.from {
        rows = rows.filter(activity::at.ge(from));
    }
    if let Some(until) = filter.until {
        rows = rows.filter(activity::at.lt(until));
    }
    if let Some(at) = &page.at
        && let Some(moment) = at.moment()
    {
        let sign = if page.backward { ">" } else { "<" };
        // By itself, so that months on the other side are left out: Postgres does not see that in the comparison of both.
        rows = if page.backward { rows.filter(activity::at.ge(moment)) } else { rows.filter(activity::at.le(moment)) };
        rows = rows.filter(
            crate::db::sql::<Bool>(&format!("(activity.at, activity.id) {sign} ("))
                .bind::<Timestamptz, _>(moment)
                .sql(", ")
                .bind::<SqlUuid, _>(at.id)
                .sql(")"),
        );
    }
    let rows = if page.backward {
        rows.order((activity::at.asc(), activity::id.asc()))
    } else {
        rows.order((activity::at.desc(), activity::id.desc()))
    };
    Ok(rows.limit(page.limit()).select(Line::as_select()).load(tx.conn())?)
}

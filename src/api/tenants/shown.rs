//! Tenants as the API shows them.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::api::filters::{Known, List};
use crate::api::shape::{Key, Moment};
use crate::db::ids::{IntegrationId, TenantId};
use crate::tenants::model::{Outcome, Schedule, Tenant};
use crate::tenants::stage::State;
use crate::values::Name;

/// A tenant as the API shows it: a customer's install of an integration.
#[derive(Serialize, ToSchema)]
#[schema(as = Tenant)]
pub struct Shown {
    #[schema(value_type = String, format = "uuid")]
    id: TenantId,
    /// The integration that is installed.
    #[schema(value_type = String, format = "uuid")]
    integration: IntegrationId,
    #[schema(value_type = String, example = "Inn at the Lake")]
    name: Name,
    /// What the partner's system calls it.
    #[schema(example = "inn-77")]
    external_id: String,
    #[schema(value_type = State, inline)]
    state: Key<State>,
    #[schema(value_type = Schedule, inline)]
    schedule: Key<Schedule>,
    note: String,
    /// The latest run; null before the first.
    #[schema(required = true, inline)]
    last_run: Option<LastRun>,
    /// Grows with each change.
    version: i32,
    #[schema(inline)]
    created_at: Moment,
    #[schema(inline)]
    updated_at: Moment,
}

/// How the latest run of a tenant went.
#[derive(Serialize, ToSchema)]
struct LastRun {
    #[schema(inline)]
    started_at: Moment,
    #[schema(value_type = Outcome, inline)]
    outcome: Key<Outcome>,
}

/// A tenant as the API shows it.
pub fn shown(one: &Tenant) -> Value {
    let last = one.last_outcome.zip(one.last_run_at);
    json!(Shown {
        id: one.id,
        integration: one.integration_id,
        name: one.name.clone(),
        external_id: one.external_id.clone(),
        state: Key(one.state),
        schedule: Key(one.schedule),
        note: one.note.clone(),
        last_run: last.map(|(outcome, at)| LastRun { started_at: Moment(at), outcome: Key(outcome) }),
        version: one.version,
        created_at: Moment(one.created_at),
        updated_at: Moment(one.updated_at),
    })
}

/// The address of a tenant.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "the document reads it")]
pub struct TenantPath {
    /// The tenant's id.
    #[param(format = "uuid")]
    id: String,
}

/// Tenants, by name or by their latest run.
pub struct Tenants;

impl List for Tenants {
    const KNOWN: &'static [Known] = &[
        Known::text("q", "Part of the name or of the external id.", 200),
        Known::choice::<State>("state", "Tenants in this state only."),
        Known::choice::<Outcome>("outcome", "Tenants whose latest run ended so."),
        Known::id("integration", "Tenants of this integration only."),
        Known::word("sort", "By name, or by when the latest run began; `-` turns it round.", sorts),
        Known::SIZE,
        Known::AFTER,
    ];
}

fn sorts() -> Vec<&'static str> {
    vec!["name", "-name", "run", "-run"]
}

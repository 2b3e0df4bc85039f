//! `/api/v1/tenants`

mod shown;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::ApiResult;
use super::answer::{self, Precondition};
use super::body::{Body, Member, Members};
use super::document::{Changed, Conflict, MATCH, ONCE};
use super::filters::Filters;
use super::grant::{ApiGrant, TenantsRead, TenantsWrite};
use super::problem::Problem;
use super::shape::Page;
use super::store::{self, Answered};
use crate::access::{CreateTenant, ReadTenant, UpdateTenant};
use crate::app::App;
use crate::db::ids::TokenId;
use crate::db::{Change, WriteTx};
use crate::tenants::model::{Facts, Schedule, Tenant, external_id};
use crate::tenants::stage::State;
use crate::tenants::store::{self as tenants, Sort};
use crate::tenants::{edit, handlers, moves};
use crate::values::{Choice, Name, line, paragraphs};
use crate::web::error::AppError;
use crate::web::form::FieldError;

pub use shown::{Shown, TenantPath, Tenants, shown};

/// `GET /api/v1/tenants`
///
/// # Errors
/// As every address of the API.
#[utoipa::path(
    get,
    path = "/tenants",
    tag = "Tenants",
    operation_id = "listTenants",
    summary = "List tenants",
    params(Filters<Tenants>),
    responses((status = 200, description = "One page of tenants.", body = Page<Shown>)),
    security(("token" = ["tenants:read"])),
)]
pub async fn list(
    grant: ApiGrant<TenantsRead, ReadTenant>,
    app: Data<App>,
    filters: Filters<Tenants>,
    req: HttpRequest,
) -> ApiResult {
    let params = filters.read()?;
    let page = app
        .db
        .read(&grant, move |tx| {
            let filter = handlers::filter(tx, &params)?;
            let (sort, keyset) = (Sort::read(params.get("sort")), params.keyset());
            let rows = tenants::list(tx, &filter, sort, &keyset)?;
            Ok(answer::page(keyset.window(rows, &params, |one| sort.cursor(one)).map(|one| shown(&one))))
        })
        .await?;
    Ok(answer::found(&req, &page))
}

/// `GET /api/v1/tenants/{id}`
///
/// # Errors
/// As every address of the API.
#[utoipa::path(
    get,
    path = "/tenants/{id}",
    tag = "Tenants",
    operation_id = "getTenant",
    summary = "Get a tenant",
    params(TenantPath),
    responses((status = 200, description = "The tenant.", body = Shown)),
    security(("token" = ["tenants:read"])),
)]
pub async fn show(
    grant: ApiGrant<TenantsRead, ReadTenant>,
    app: Data<App>,
    id: Path<String>,
    req: HttpRequest,
) -> ApiResult {
    let tenant = app.db.read(&grant, move |tx| tenants::find(tx, &id)).await?;
    Ok(answer::found(&req, &shown(&tenant)))
}

/// A new tenant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTenant)]
struct New {
    /// Has to be published.
    #[schema(value_type = String, format = "uuid", example = "0199e4a0-7d11-7000-8000-000000000001")]
    integration: Member,
    /// What people call it.
    #[schema(value_type = String, max_length = 120, pattern = r"\S", example = "Inn at the Lake")]
    name: Member,
    /// What your system calls it: unique for the integration among tenants that are not archived.
    #[schema(value_type = String, max_length = 120, pattern = r"\S", example = "inn-77")]
    external_id: Member,
    /// `manual` when it is left out.
    #[schema(value_type = Option<Schedule>, inline)]
    schedule: Member,
    #[schema(value_type = Option<String>, max_length = 5000)]
    note: Member,
}

impl New {
    fn checked(&self) -> Result<(String, Facts), Problem> {
        let mut members = Members::default();
        let integration = members.text("integration", &self.integration, |text| line(text, 40));
        let name = members.text("name", &self.name, Name::parse);
        let external_id = members.text("external_id", &self.external_id, external_id);
        let schedule = members.optional("schedule", &self.schedule, Schedule::parse);
        let note = members.optional("note", &self.note, paragraphs);
        members.done(|| {
            let facts = Facts {
                name: name?,
                external_id: external_id?,
                schedule: schedule?.unwrap_or(Schedule::Manual),
                note: note?.unwrap_or_default(),
            };
            Some((integration?, facts))
        })
    }
}

/// `POST /api/v1/tenants`
///
/// # Errors
/// As every address of the API; 422 for an `Idempotency-Key` that came with another body.
#[utoipa::path(
    post,
    path = "/tenants",
    tag = "Tenants",
    operation_id = "createTenant",
    summary = "Record a tenant",
    description = "Say that a customer installed an integration. It begins as `connecting`.",
    params(("Idempotency-Key" = Option<String>, Header, description = ONCE, min_length = 1, max_length = 255, pattern = "^[!-~]+$", example = "order-4711")),
    request_body = New,
    responses(
        (status = 201, description = "It is recorded.", body = Shown, headers(
            ("Location" = String, description = "Its address."),
            ("ETag" = String, description = "Its tag, for `If-Match`."),
            ("Idempotency-Replayed" = String, description = "`true` when this key was answered before."),
        )),
        (status = 409, response = Conflict),
    ),
    security(("token" = ["tenants:write"])),
)]
pub async fn create(
    grant: ApiGrant<TenantsWrite, CreateTenant>,
    app: Data<App>,
    body: Body,
    req: HttpRequest,
) -> ApiResult {
    let (bytes, new) = body.read::<New>()?;
    let (integration, facts) = new.checked()?;
    let key = idempotency_key(&req)?;
    let (token, hash) = (grant.token(), Sha256::digest(&bytes).to_vec());
    let made =
        app.db.write(&grant, move |tx| made(tx, &integration, &facts, key.map(|key| (token, key, hash)))).await?;
    let (answer, is_replayed) = made?;
    let answered = answer::stored(StatusCode::CREATED, answer.body, Some(&answer.location));
    Ok(if is_replayed { answer::replayed(answered) } else { answered })
}

/// The key of a request that shall not be carried out twice.
///
/// # Errors
/// 400 for one that cannot be kept.
pub(super) fn idempotency_key(req: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = req.headers().get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Ok(Some(key.to_owned()))
        }
        _ => Err(Problem::bad("An Idempotency-Key has 1 to 255 ASCII characters that can be printed, and no space.")),
    }
}

/// An answer, and whether it was given before; or why the key refuses it.
type Made = Result<(Answered, bool), Problem>;

fn made(
    tx: &mut WriteTx<'_, CreateTenant>,
    integration: &str,
    facts: &Facts,
    once: Option<(TokenId, String, Vec<u8>)>,
) -> Result<Change<Made>, AppError> {
    if let Some((token, key, hash)) = &once
        && let Some(before) = store::answered(tx, *token, key)?
    {
        let detail = "This Idempotency-Key came with another body within a day. Use another key for another request.";
        let is_same = before.request_hash == *hash;
        let refused = || Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
        return Ok(Change::nothing(if is_same { Ok((before, true)) } else { refused() }));
    }
    let change = match edit::made(tx, integration, facts) {
        Err(AppError::NotFound) => {
            let words = "There is no such integration of this partner.";
            return Err(AppError::Invalid(vec![FieldError::new("integration", "Integration", words)]));
        }
        other => other?,
    };
    let partner = tx.actor().partner().map(|own| own.id);
    let (request_hash, once) = match once {
        Some((token, key, hash)) => (hash, partner.map(|partner| ((partner, token), key))),
        None => (Vec::new(), None),
    };
    let mut kept = Ok(());
    let change = change.map(|tenant| {
        let location = format!("/api/v1/tenants/{}", tenant.id);
        let answer = Answered { request_hash, location, body: shown(&tenant).to_string() };
        if let Some((whose, key)) = &once {
            kept = store::keep(tx, *whose, key, &answer);
        }
        Ok((answer, false))
    });
    kept?;
    Ok(change)
}

/// What shall be different; what is left out, or null, stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TenantChange)]
struct Patch {
    #[schema(value_type = Option<String>, max_length = 120, pattern = r"\S")]
    name: Member,
    #[schema(value_type = Option<String>, max_length = 120, pattern = r"\S")]
    external_id: Member,
    #[schema(value_type = Option<Schedule>, inline)]
    schedule: Member,
    #[schema(value_type = Option<String>, max_length = 5000)]
    note: Member,
    /// `connecting` → `active` ⇄ `paused`; those and `failing` → `disconnected` → `connecting`; `connecting` and
    /// `disconnected` → `archived`, for good. `failing` follows from runs.
    #[schema(value_type = Option<State>, inline, example = "active")]
    state: Member,
}

/// The members that were sent, read.
struct Changes {
    name: Option<Name>,
    external_id: Option<String>,
    schedule: Option<Schedule>,
    note: Option<String>,
    state: Option<State>,
}

impl Patch {
    fn checked(&self) -> Result<Changes, Problem> {
        let mut members = Members::default();
        let name = members.optional("name", &self.name, Name::parse);
        let external_id = members.optional("external_id", &self.external_id, external_id);
        let schedule = members.optional("schedule", &self.schedule, Schedule::parse);
        let note = members.optional("note", &self.note, paragraphs);
        let state = members.optional("state", &self.state, State::parse);
        members.done(|| {
            Some(Changes { name: name?, external_id: external_id?, schedule: schedule?, note: note?, state: state? })
        })
    }
}

/// `PATCH /api/v1/tenants/{id}`
///
/// # Errors
/// As every address of the API; 409 for a state that does not follow, 412 when `If-Match` names another.
#[utoipa::path(
    patch,
    path = "/tenants/{id}",
    tag = "Tenants",
    operation_id = "updateTenant",
    summary = "Change or move a tenant",
    params(TenantPath, ("If-Match" = Option<String>, Header, description = MATCH)),
    request_body = Patch,
    responses(
        (status = 200, description = "The tenant as it is now.", body = Shown, headers(
            ("ETag" = String, description = "Its tag, for the next `If-Match`."),
        )),
        (status = 409, response = Conflict),
        (status = 412, response = Changed),
    ),
    security(("token" = ["tenants:write"])),
)]
pub async fn update(
    grant: ApiGrant<TenantsWrite, UpdateTenant>,
    app: Data<App>,
    id: Path<String>,
    body: Body,
    req: HttpRequest,
) -> ApiResult {
    let (_, patch) = body.read::<Patch>()?;
    let changes = patch.checked()?;
    let precondition = Precondition::of(&req);
    let tenant = app.db.write(&grant, move |tx| changed(tx, &id, changes, &precondition)).await??;
    Ok(stored(&tenant))
}

fn stored(tenant: &Tenant) -> HttpResponse {
    answer::stored(StatusCode::OK, shown(tenant).to_string(), None)
}

fn changed(
    tx: &mut WriteTx<'_, UpdateTenant>,
    id: &str,
    changes: Changes,
    precondition: &Precondition,
) -> Result<Change<Result<Tenant, Problem>>, AppError> {
    let present = tenants::hold(tx, id)?;
    if let Err(problem) = precondition.check(&shown(&present)) {
        return Ok(Change::nothing(Err(problem)));
    }
    let before = present.facts();
    let facts = Facts {
        name: changes.name.unwrap_or(before.name),
        external_id: changes.external_id.unwrap_or(before.external_id),
        schedule: changes.schedule.unwrap_or(before.schedule),
        note: changes.note.unwrap_or(before.note),
    };
    let change = edit::saved(tx, id, present.version, &facts)?;
    let edited = tenants::find(tx, id)?;
    let Some(wanted) = changes.state.filter(|wanted| *wanted != edited.state) else {
        return Ok(change.map(|_| Ok(edited)));
    };
    let Some(one) = edited.state.way_to(wanted).filter(|one| one.is_open_to(tx.actor())) else {
        let (from, to) = (edited.state.key(), wanted.key());
        return Err(AppError::Refused(format!("A tenant does not go from {from} to {to} by request.")));
    };
    let moved = moves::step(tx, &edited, one, "")?;
    Ok(moved.map(Ok).join(change))
}

//! All SQL of integrations themselves: here what is found one by one, and how it is saved; the rest in files of its own.

mod all;
mod brief;
mod credentials;
mod followers;
mod images;
mod of_partner;
pub mod reminders;
mod rounds;
mod settings;
mod uses;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::content::Content;
use super::model::Integration;
use crate::access::{Permission, Scope};
use crate::db::ids::{IntegrationId, PartnerId};
use crate::db::schema::integrations;
use crate::db::{ReadTx, WriteTx};
use crate::web::error::AppError;
use crate::web::form::FieldError;

pub use all::{category_uses, published};
pub use brief::{by_name, name_cursor, names_of, published_names};
pub use credentials::{put_credentials, remove_credentials, seal_anew, sealed, sealed_otherwise};
pub use followers::{follows, set_following};
pub use images::{image, insert_image, remove_images};
pub use of_partner::{ids_of_partner, of_partner};
pub use rounds::{
    Submission, Version, add_version, answer, last_submission, live, reopen, submission, submissions, submit, version,
    versions,
};
pub use settings::{review_of_type, save_settings, set_review_of_type, settings};
pub use uses::{save_uses, uses_of_connection, uses_of_template};

/// The integrations that a person may see. Every read, count, search and export begins here.
fn visible(tx: &ReadTx<'_>) -> integrations::BoxedQuery<'static, Pg> {
    let rows = integrations::table.into_boxed();
    match tx.scope() {
        // Without a program open there are none to be seen.
        Scope::Everything => rows.filter(integrations::id.ne(integrations::id)),
        Scope::Program(program) => rows.filter(integrations::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(integrations::program_id.eq(program).and(integrations::partner_id.eq(partner)))
        }
    }
}

/// One integration by its id, as it stands in an address.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn find(tx: &mut ReadTx<'_>, id: &str) -> Result<Integration, AppError> {
    let id: IntegrationId = id.parse().map_err(|_| AppError::NotFound)?;
    Ok(visible(tx).filter(integrations::id.eq(id)).select(Integration::as_select()).first(tx.conn())?)
}

/// One integration at the version that somebody saw when they decided.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope; [`AppError::Conflict`] when somebody was faster.
pub fn find_seen(tx: &mut ReadTx<'_>, id: &str, seen: i32) -> Result<Integration, AppError> {
    let found = find(tx, id)?;
    if found.version == seen { Ok(found) } else { Err(conflict(&found)) }
}

/// The pages as they are being written.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn content(tx: &mut ReadTx<'_>, integration: &Integration) -> Result<Content, AppError> {
    let stored: serde_json::Value =
        visible(tx).filter(integrations::id.eq(integration.id)).select(integrations::content).first(tx.conn())?;
    read(stored)
}

pub(super) fn read(stored: serde_json::Value) -> Result<Content, AppError> {
    serde_json::from_value(stored).map_err(|cause| AppError::Internal(cause.into()))
}

pub(super) fn json(content: &Content) -> Result<serde_json::Value, AppError> {
    serde_json::to_value(content).map_err(|cause| AppError::Internal(cause.into()))
}

/// Stores a new draft.
///
/// # Errors
/// [`AppError::Invalid`] when the partner has one of this name.
pub fn insert<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    partner: &crate::partners::model::Partner,
    content: &Content,
) -> Result<IntegrationId, AppError> {
    let (id, now, by, by_name) = (IntegrationId::new(), tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    diesel::insert_into(integrations::table)
        .values((
            integrations::id.eq(id),
            integrations::program_id.eq(partner.program_id),
            integrations::partner_id.eq(partner.id),
            integrations::name.eq(&content.name),
            integrations::kind.eq(content.kind),
            integrations::state_since.eq(now),
            integrations::content.eq(json(content)?),
            integrations::created_at.eq(now),
            integrations::created_by_name.eq(&by_name),
            integrations::updated_at.eq(now),
            integrations::updated_by.eq(by),
            integrations::updated_by_name.eq(&by_name),
        ))
        .execute(tx.conn())
        .map_err(mapped)?;
    save_uses(tx, partner.id, id, uses::WORK, content)?;
    Ok(id)
}

/// Saves a move or an edit, if the integration is still at the version that `after` was made from. Sets who and when,
/// counts the version, and keeps [`Integration::state_since`] unless the stage changed.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the name is taken.
pub fn save<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    before: &Integration,
    mut after: Integration,
    content: Option<&Content>,
) -> Result<Integration, AppError> {
    after.version = before.version + 1;
    after.updated_at = tx.now();
    after.updated_by = tx.actor().user();
    after.updated_by_name = tx.actor().name().to_owned();
    if after.stage() != before.stage() {
        after.state_since = tx.now();
    }
    let row = integrations::id.eq(before.id).and(integrations::version.eq(before.version));
    let written = content.map(json).transpose()?.map(|content| integrations::content.eq(content));
    let saved =
        diesel::update(integrations::table.filter(row)).set((&after, written)).execute(tx.conn()).map_err(mapped)?;
    if saved != 1 {
        let now = find(tx, &before.id.to_string())?;
        return Err(conflict(&now));
    }
    if let Some(content) = content {
        save_uses(tx, before.partner_id, before.id, uses::WORK, content)?;
    }
    Ok(after)
}

/// Names of a partner's integrations in lower case, archived ones left out.
///
/// # Errors
/// When the database does not answer.
pub fn names(tx: &mut ReadTx<'_>, partner: PartnerId) -> Result<Vec<String>, AppError> {
    Ok(visible(tx)
        .filter(integrations::partner_id.eq(partner).and(integrations::state.ne("archived")))
        .select(integrations::sort_name)
        .limit(10_000)
        .load(tx.conn())?)
}

/// What to say when somebody was faster: who, and where it stands now.
pub fn conflict(now: &Integration) -> AppError {
    AppError::Conflict(format!(
        "{} changed this integration meanwhile: its state is “{}” now. Nothing of yours was saved. Look at it again.",
        now.updated_by_name,
        now.stage().words().to_lowercase()
    ))
}

fn mapped(error: DieselError) -> AppError {
    match &error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info)
            if info.constraint_name() == Some("integrations_name_key") =>
        {
            let words = "This partner has an integration of this name already. Choose another.";
            AppError::Invalid(vec![FieldError::new("name", "Name", words)])
        }
        _ => error.into(),
    }
}

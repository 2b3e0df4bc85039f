//! Which connections and templates an integration names, so that none is removed while it is in use.

use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use crate::access::{Permission, Scope};
use crate::db::ids::{ConnectionId, IntegrationId, PartnerId, TemplateId};
use crate::db::schema::{integration_uses, integrations};
use crate::db::{ReadTx, WriteTx};
use crate::integrations::content::Content;
use crate::web::error::AppError;

/// In what is being written.
pub(super) const WORK: &str = "work";
/// In the published version.
pub(super) const LIVE: &str = "live";

fn visible(tx: &ReadTx<'_>) -> integration_uses::BoxedQuery<'static, Pg> {
    let rows = integration_uses::table.into_boxed();
    match tx.scope() {
        Scope::Everything => rows.filter(integration_uses::integration_id.ne(integration_uses::integration_id)),
        Scope::Program(_) => rows,
        Scope::Partner { partner, .. } => rows.filter(integration_uses::partner_id.eq(partner)),
    }
}

fn named(tx: &mut ReadTx<'_>, ids: &[IntegrationId]) -> Result<Vec<(IntegrationId, String)>, AppError> {
    Ok(super::visible(tx)
        .filter(integrations::id.eq_any(ids))
        .order(integrations::sort_name)
        .select((integrations::id, integrations::name))
        .load(tx.conn())?)
}

/// The integrations that name a connection, in what is written or published.
///
/// # Errors
/// When the database does not answer.
pub fn uses_of_connection(tx: &mut ReadTx<'_>, id: ConnectionId) -> Result<Vec<(IntegrationId, String)>, AppError> {
    let rows = visible(tx).filter(integration_uses::connection_id.eq(id));
    let ids: Vec<IntegrationId> = rows.select(integration_uses::integration_id).load(tx.conn())?;
    named(tx, &ids)
}

/// The integrations that name a template, in what is written or published.
///
/// # Errors
/// When the database does not answer.
pub fn uses_of_template(tx: &mut ReadTx<'_>, id: TemplateId) -> Result<Vec<(IntegrationId, String)>, AppError> {
    let rows = visible(tx).filter(integration_uses::template_id.eq(id));
    let ids: Vec<IntegrationId> = rows.select(integration_uses::integration_id).load(tx.conn())?;
    named(tx, &ids)
}

/// Notes what some content names, in place of what was noted before. The foreign keys refuse what is another partner's
/// or gone.
///
/// # Errors
/// [`AppError::Refused`] when a connection or template was removed meanwhile.
pub fn save_uses<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    partner: PartnerId,
    id: IntegrationId,
    stage: &str,
    content: &Content,
) -> Result<(), AppError> {
    let old = integration_uses::integration_id.eq(id).and(integration_uses::stage.eq(stage));
    diesel::delete(integration_uses::table.filter(old)).execute(tx.conn())?;
    let template = content.template.as_ref().map(|one| ("template", Some(one.id.uuid()), None));
    let source = content.source.as_ref().map(|one| ("source", None, Some(one.id.uuid())));
    let target = content.target.as_ref().map(|one| ("target", None, Some(one.id.uuid())));
    let rows: Vec<_> = [template, source, target]
        .into_iter()
        .flatten()
        .map(|(place, template, connection): (&str, Option<Uuid>, Option<Uuid>)| {
            (
                integration_uses::partner_id.eq(partner),
                integration_uses::integration_id.eq(id),
                integration_uses::place.eq(place),
                integration_uses::stage.eq(stage),
                integration_uses::template_id.eq(template),
                integration_uses::connection_id.eq(connection),
            )
        })
        .collect();
    let stored = diesel::insert_into(integration_uses::table).values(rows).execute(tx.conn());
    match stored {
        Err(diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::ForeignKeyViolation, _)) => {
            let words = "A connection or template that the pages name was removed. Choose another under Configure.";
            Err(AppError::Refused(words.into()))
        }
        done => Ok(done.map(|_| ())?),
    }
}

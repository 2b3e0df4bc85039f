//! Writing partners: every save compares the version that the person saw.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::Bool;
use sha2::{Digest, Sha256};

use super::visible;
use crate::access::{Permission, Scope};
use crate::db::ids::{InvitationId, PartnerId, PartnerTypeId, ProgramId, UserId};
use crate::db::schema::{invitations, memberships, partner_logos, partners};
use crate::db::{ReadTx, WriteTx};
use crate::partners::model::{Category, Facts, Kind, Partner, Status};
use crate::web::error::AppError;
use crate::web::form::FieldError;

fn mapped(error: DieselError) -> AppError {
    if let DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) = &error
        && info.constraint_name() == Some("partners_code_key")
    {
        return AppError::Invalid(vec![FieldError::new(
            "code",
            "Code",
            "This code is already used in this program. Choose another.",
        )]);
    }
    error.into()
}

#[derive(Insertable)]
#[diesel(table_name = partners)]
struct NewRow<'a> {
    id: PartnerId,
    program_id: ProgramId,
    code: &'a str,
    name: &'a str,
    kind: Kind,
    category: Category,
    type_id: PartnerTypeId,
    status: Status,
    time_zone: &'a str,
    support_phone: Option<&'a str>,
    support_email: Option<&'a str>,
    notes: &'a str,
    code_fixed: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    updated_by: Option<UserId>,
    updated_by_name: String,
}

/// Stores new partners in the program of the scope; returns their ids in order.
///
/// # Errors
/// [`AppError::Invalid`] when a code is taken.
pub fn insert<P: Permission>(tx: &mut WriteTx<'_, P>, all: &[Facts]) -> Result<Vec<PartnerId>, AppError> {
    let program_id = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let rows: Vec<NewRow<'_>> = all
        .iter()
        .map(|facts| NewRow {
            id: PartnerId::new(),
            program_id,
            code: facts.code.as_str(),
            name: facts.name.as_str(),
            kind: facts.kind,
            category: facts.category,
            type_id: facts.type_id,
            status: facts.status,
            time_zone: facts.time_zone.as_str(),
            support_phone: facts.support_phone.as_ref().map(|phone| phone.as_str()),
            support_email: facts.support_email.as_ref().map(|email| email.as_str()),
            notes: &facts.notes,
            code_fixed: !matches!(facts.status, Status::Planned | Status::Pending),
            created_at: now,
            updated_at: now,
            updated_by: by,
            updated_by_name: by_name.clone(),
        })
        .collect();
    // 17 columns each stay below Postgres's 65,535 values.
    for chunk in rows.chunks(1000) {
        diesel::insert_into(partners::table).values(chunk).execute(tx.conn()).map_err(mapped)?;
    }
    Ok(rows.iter().map(|row| row.id).collect())
}

/// Who saves what when: part of every save.
#[derive(AsChangeset)]
#[diesel(table_name = partners, treat_none_as_null = true)]
struct Stamp {
    version: i32,
    updated_at: DateTime<Utc>,
    updated_by: Option<UserId>,
    updated_by_name: String,
}

impl Stamp {
    fn of(tx: &ReadTx<'_>, seen: i32) -> Stamp {
        Stamp {
            version: seen + 1,
            updated_at: tx.now(),
            updated_by: tx.actor().user(),
            updated_by_name: tx.actor().name().to_owned(),
        }
    }
}

/// One row was saved, or somebody was faster.
fn one(tx: &mut ReadTx<'_>, saved: usize, id: PartnerId) -> Result<(), AppError> {
    if saved == 1 { Ok(()) } else { Err(stale(tx, id)) }
}

/// The conflict of a stale edit: who was faster.
fn stale(tx: &mut ReadTx<'_>, id: PartnerId) -> AppError {
    let found: Result<(String, i32), DieselError> =
        visible(tx).filter(partners::id.eq(id)).select((partners::updated_by_name, partners::version)).first(tx.conn());
    match found {
        Ok((by, version)) => AppError::Conflict(format!(
            "{by} changed this partner meanwhile (it is at version {version} now), so nothing was saved."
        )),
        Err(cause) => cause.into(),
    }
}

/// Saves the facts of a partner, if it is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the code is taken.
pub fn save<P: Permission>(tx: &mut WriteTx<'_, P>, id: PartnerId, seen: i32, facts: &Facts) -> Result<(), AppError> {
    let stamp = Stamp::of(tx, seen);
    let contacts = (
        partners::support_phone.eq(&facts.support_phone),
        partners::support_email.eq(&facts.support_email),
        partners::time_zone.eq(&facts.time_zone),
    );
    let row = partners::table.filter(partners::id.eq(id).and(partners::version.eq(seen)));
    // A partner's own people hold rights on the contact columns only.
    let saved = match tx.scope() {
        Scope::Partner { .. } => diesel::update(row).set((contacts, stamp)).execute(tx.conn()),
        Scope::Program(_) | Scope::Everything => {
            let fixed = !matches!(facts.status, Status::Planned | Status::Pending);
            diesel::update(row)
                .set((
                    contacts,
                    stamp,
                    partners::code.eq(&facts.code),
                    partners::name.eq(&facts.name),
                    partners::kind.eq(facts.kind),
                    partners::category.eq(facts.category),
                    partners::type_id.eq(facts.type_id),
                    partners::status.eq(facts.status),
                    partners::notes.eq(&facts.notes),
                    partners::code_fixed.eq(diesel::dsl::sql::<Bool>("code_fixed OR ").bind::<Bool, _>(fixed)),
                ))
                .execute(tx.conn())
        }
    };
    one(tx, saved.map_err(mapped)?, id)
}

/// Saves who is mailed by default; the version was checked by [`save`] in the same transaction or is checked here.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn save_contact<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    id: PartnerId,
    seen: i32,
    contact: Option<UserId>,
) -> Result<(), AppError> {
    let stamp = Stamp::of(tx, seen);
    let row = partners::table.filter(partners::id.eq(id).and(partners::version.eq(seen)));
    let saved = diesel::update(row).set((partners::primary_contact_id.eq(contact), stamp)).execute(tx.conn())?;
    one(tx, saved, id)
}

/// Makes a partner hosting, or no longer.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn save_hosting<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    id: PartnerId,
    seen: i32,
    hosting: bool,
) -> Result<(), AppError> {
    let stamp = Stamp::of(tx, seen);
    let row = partners::table.filter(partners::id.eq(id).and(partners::version.eq(seen)));
    let saved = diesel::update(row).set((partners::is_hosting.eq(hosting), stamp)).execute(tx.conn())?;
    one(tx, saved, id)
}

/// Hosting partners of the program that still carry it, locked until the transaction ends: two people cannot take
/// the last two away at the same moment.
///
/// # Errors
/// When the database does not answer.
pub fn lock_hosts<P: Permission>(tx: &mut WriteTx<'_, P>) -> Result<Vec<PartnerId>, AppError> {
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let rows: Vec<(PartnerId, Status)> = partners::table
        .filter(partners::program_id.eq(program).and(partners::is_hosting))
        .order(partners::id)
        .select((partners::id, partners::status))
        .for_update()
        .load(tx.conn())?;
    Ok(rows.into_iter().filter(|(_, status)| status.can_host()).map(|(id, _)| id).collect())
}

/// Removes partners that an import made and nothing touched since.
///
/// # Errors
/// When the database does not answer.
pub fn remove_untouched<P: Permission>(tx: &mut WriteTx<'_, P>, id: PartnerId, version: i32) -> Result<bool, AppError> {
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let members = memberships::table.filter(memberships::partner_id.eq(id));
    if diesel::select(diesel::dsl::exists(members)).get_result::<bool>(tx.conn())? {
        return Ok(false);
    }
    let invited = invitations::table.filter(invitations::partner_id.eq(id));
    if diesel::select(diesel::dsl::exists(invited)).get_result::<bool>(tx.conn())? {
        return Ok(false);
    }
    let row = partners::table
        .filter(partners::id.eq(id).and(partners::program_id.eq(program)).and(partners::version.eq(version)));
    Ok(diesel::delete(row).execute(tx.conn())? == 1)
}

/// A partner's logo as PNG.
///
/// # Errors
/// [`AppError::NotFound`] when it has none.
pub fn logo(tx: &mut ReadTx<'_>, partner: &Partner) -> Result<Vec<u8>, AppError> {
    Ok(partner_logos::table.find(partner.id).select(partner_logos::png).first(tx.conn())?)
}

/// Stores, replaces or removes a logo, if the partner is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn save_logo<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    id: PartnerId,
    seen: i32,
    png: Option<&[u8]>,
) -> Result<(), AppError> {
    let hash = png.map(|png| Sha256::digest(png).iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let stamp = Stamp::of(tx, seen);
    let row = partners::table.filter(partners::id.eq(id).and(partners::version.eq(seen)));
    let saved = diesel::update(row).set((partners::logo_sha256.eq(hash), stamp)).execute(tx.conn())?;
    one(tx, saved, id)?;
    match png {
        Some(png) => diesel::insert_into(partner_logos::table)
            .values((partner_logos::partner_id.eq(id), partner_logos::png.eq(png)))
            .on_conflict(partner_logos::partner_id)
            .do_update()
            .set(partner_logos::png.eq(png))
            .execute(tx.conn())?,
        None => diesel::delete(partner_logos::table.find(id)).execute(tx.conn())?,
    };
    Ok(())
}

/// An invitation that waits.
#[derive(Queryable, Clone, Debug)]
pub struct Waiting {
    /// Its id.
    pub id: InvitationId,
    /// What the inviter calls them.
    pub name: String,
    /// Whom it was sent to.
    pub email: String,
}

/// The open invitations of a partner that was found in scope; at most 500.
///
/// # Errors
/// When the database does not answer.
pub fn open_invitations(tx: &mut ReadTx<'_>, partner: &Partner) -> Result<Vec<Waiting>, AppError> {
    Ok(invitations::table
        .filter(invitations::partner_id.eq(partner.id))
        .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))
        .order((invitations::created_at, invitations::id))
        .limit(500)
        .select((invitations::id, invitations::name, invitations::email))
        .load(tx.conn())?)
}

/// Revokes all open invitations of a partner that was found in scope.
///
/// # Errors
/// When the database does not answer.
pub fn revoke_invitations<P: Permission>(tx: &mut WriteTx<'_, P>, partner: &Partner) -> Result<Vec<Waiting>, AppError> {
    let now = tx.now();
    let open = invitations::table
        .filter(invitations::partner_id.eq(partner.id))
        .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()));
    Ok(diesel::update(open)
        .set((invitations::revoked_at.eq(now), invitations::version.eq(invitations::version + 1)))
        .returning((invitations::id, invitations::name, invitations::email))
        .get_results(tx.conn())?)
}

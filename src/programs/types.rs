//! All SQL of partner types.

use diesel::prelude::*;
use diesel::result::DatabaseErrorKind::ForeignKeyViolation;
use diesel::sql_types::BigInt;

use super::model::free_key;
use super::store::{lock, taken};
use crate::access::{Scope, UpdateProgram};
use crate::activity::{Event, FieldChange};
use crate::db::ids::PartnerTypeId;
use crate::db::schema::partner_types;
use crate::db::{Change, ReadTx, WriteTx};
use crate::web::error::AppError;
use crate::web::form::FieldError;
use crate::web::listing::counted;

/// Partner types of a program at the most: they are all in one list.
const MOST: usize = 100;

/// The types a transaction may see.
fn visible(tx: &ReadTx<'_>) -> partner_types::BoxedQuery<'static, diesel::pg::Pg> {
    let rows = partner_types::table.into_boxed();
    match tx.scope() {
        Scope::Program(own) | Scope::Partner { program: own, .. } => rows.filter(partner_types::program_id.eq(own)),
        // No program is open, so there is none to see.
        Scope::Everything => rows.filter(partner_types::id.ne(partner_types::id)),
    }
}

/// An industry that a program sorts its partners by.
#[derive(Queryable, Selectable, Clone, Debug, PartialEq, Eq)]
#[diesel(table_name = partner_types)]
pub struct PartnerType {
    /// Its id.
    pub id: PartnerTypeId,
    /// Word for files and the API; never changes.
    pub key: String,
    /// Shown.
    pub name: String,
}

/// The program's partner types, in its order.
///
/// # Errors
/// When the database does not answer.
pub fn types(tx: &mut ReadTx<'_>) -> Result<Vec<PartnerType>, AppError> {
    Ok(visible(tx)
        .order((partner_types::position, partner_types::id))
        .select(PartnerType::as_select())
        .load(tx.conn())?)
}

/// A partner type and how many partners use it, counted to 1,001 at the most.
#[derive(Queryable, Clone, Debug)]
pub struct TypeLine {
    /// The type.
    pub kind: PartnerType,
    /// Its partners.
    pub partners: i64,
}

const USED: &str = "(SELECT count(*) FROM (SELECT 1 FROM partners p \
    WHERE p.program_id = partner_types.program_id AND p.type_id = partner_types.id LIMIT 1001) AS capped)";

/// The program's partner types with their partners, in its order.
///
/// # Errors
/// When the database does not answer.
pub fn type_lines(tx: &mut ReadTx<'_>) -> Result<Vec<TypeLine>, AppError> {
    Ok(visible(tx)
        .order((partner_types::position, partner_types::id))
        .select((PartnerType::as_select(), crate::db::sql::<BigInt>(USED)))
        .load(tx.conn())?)
}

/// One of the program's partner types.
///
/// # Errors
/// [`AppError::NotFound`] when it is not one of this program.
pub fn one_type(tx: &mut ReadTx<'_>, id: PartnerTypeId) -> Result<TypeLine, AppError> {
    Ok(visible(tx)
        .filter(partner_types::id.eq(id))
        .select((PartnerType::as_select(), crate::db::sql::<BigInt>(USED)))
        .first(tx.conn())?)
}

/// Adds a partner type at the end.
///
/// # Errors
/// [`AppError::Invalid`] when the name is taken or there are too many.
pub fn add_type(tx: &mut WriteTx<'_, UpdateProgram>, name: &str) -> Result<Change<()>, AppError> {
    let program = lock(tx)?.id;
    let present = types(tx)?;
    if present.len() >= MOST {
        let full = format!("There are {MOST} partner types already, which is the most. Remove one first.");
        return Err(AppError::Invalid(vec![FieldError::new("type_name", "Name", full)]));
    }
    let keys: Vec<String> = present.iter().map(|one| one.key.clone()).collect();
    let last: Option<i32> = visible(tx).select(diesel::dsl::max(partner_types::position)).first(tx.conn())?;
    diesel::insert_into(partner_types::table)
        .values((
            partner_types::id.eq(PartnerTypeId::new()),
            partner_types::program_id.eq(program),
            partner_types::key.eq(free_key(name, &keys)),
            partner_types::name.eq(name),
            partner_types::position.eq(last.unwrap_or(0) + 1),
        ))
        .execute(tx.conn())
        .map_err(taken)?;
    Ok(Change::new((), Event::PartnerTypeAdded { program, name: name.to_owned() }))
}

/// Renames a partner type; its key stays. False when the name is the same.
///
/// # Errors
/// [`AppError::Invalid`] when the name is taken.
pub fn rename_type(tx: &mut WriteTx<'_, UpdateProgram>, id: PartnerTypeId, to: &str) -> Result<Change<bool>, AppError> {
    let program = lock(tx)?.id;
    let from = one_type(tx, id)?.kind.name;
    if from == to {
        return Ok(Change::nothing(false));
    }
    diesel::update(partner_types::table.find(id)).set(partner_types::name.eq(to)).execute(tx.conn()).map_err(taken)?;
    Ok(Change::new(true, Event::PartnerTypeRenamed { program, from, to: to.to_owned() }))
}

/// Removes a partner type that no partner uses. Returns its name.
///
/// # Errors
/// [`AppError::Refused`] with the number of partners that use it.
pub fn remove_type(tx: &mut WriteTx<'_, UpdateProgram>, id: PartnerTypeId) -> Result<Change<String>, AppError> {
    let program = lock(tx)?.id;
    let line = one_type(tx, id)?;
    let name = line.kind.name;
    let used = |by: String| {
        AppError::Refused(format!("{name} is the type of {by}. Give them another type first, then remove it."))
    };
    if line.partners > 0 {
        return Err(used(counted(line.partners, "partner", "partners")));
    }
    match diesel::delete(partner_types::table.find(id)).execute(tx.conn()) {
        Ok(_) => Ok(Change::new(name.clone(), Event::PartnerTypeRemoved { program, name })),
        // A partner got it in this very moment.
        Err(diesel::result::Error::DatabaseError(ForeignKeyViolation, _)) => Err(used("a partner".into())),
        Err(error) => Err(error.into()),
    }
}

/// Moves a partner type one place up or down; false when it is at the end already.
///
/// # Errors
/// [`AppError::NotFound`] when it is not one of this program.
pub fn move_type(tx: &mut WriteTx<'_, UpdateProgram>, id: PartnerTypeId, up: bool) -> Result<Change<bool>, AppError> {
    let program = lock(tx)?.id;
    let before = types(tx)?;
    let at = before.iter().position(|one| one.id == id).ok_or(AppError::NotFound)?;
    let other = if up { at.checked_sub(1) } else { Some(at + 1).filter(|next| *next < before.len()) };
    let Some(other) = other else { return Ok(Change::nothing(false)) };
    let mut after = before.clone();
    after.swap(at, other);
    for (position, one) in (1i32..).zip(&after) {
        diesel::update(partner_types::table.find(one.id))
            .set(partner_types::position.eq(position))
            .execute(tx.conn())?;
    }
    let names = |list: &[PartnerType]| list.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
    let changes = FieldChange::of("Order of partner types", names(&before), names(&after));
    Ok(Change::new(true, Event::ProgramUpdated { program, changes: changes.into_iter().collect() }))
}

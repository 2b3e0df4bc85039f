//! All SQL of programs.

use diesel::prelude::*;
use diesel::result::DatabaseErrorKind::UniqueViolation;
use diesel::sql_types::{BigInt, Bool, Text, Uuid as SqlUuid};

use super::model::{FIRST_TYPES, Model, NewProgram, OWN_TYPE, Program, Settings};
use crate::access::{CreateProgram, Role, Scope, UpdateProgram};
use crate::activity::Event;
use crate::db::ids::{PartnerId, PartnerTypeId, ProgramId};
use crate::db::schema::{partner_types, partners, programs};
use crate::db::{Change, ReadTx, WriteTx};
use crate::web::error::AppError;
use crate::web::form::FieldError;
use crate::web::listing::Keyset;

pub use super::types::{
    PartnerType, TypeLine, add_type, move_type, one_type, remove_type, rename_type, type_lines, types,
};

diesel::define_sql_function! {
    /// Small letters, as the unique index has them.
    fn lower(text: Text) -> Text;
}

/// The programs a person may see: system administrators all, others their own.
fn visible(tx: &ReadTx<'_>) -> programs::BoxedQuery<'static, diesel::pg::Pg> {
    let rows = programs::table.into_boxed();
    match (tx.actor().role(), tx.scope()) {
        (Some(Role::SystemAdmin), _) => rows,
        (_, Scope::Program(own) | Scope::Partner { program: own, .. }) => rows.filter(programs::id.eq(own)),
        // Somebody without any membership.
        (_, Scope::Everything) => rows.filter(programs::id.ne(programs::id)),
    }
}

/// The program that the transaction is in.
///
/// # Errors
/// [`AppError::NotFound`] when there is none.
pub(super) fn own_id(tx: &ReadTx<'_>) -> Result<ProgramId, AppError> {
    tx.actor().program_id().ok_or(AppError::NotFound)
}

/// The program that the transaction is in.
///
/// # Errors
/// [`AppError::NotFound`] when there is none.
pub fn current(tx: &mut ReadTx<'_>) -> Result<Program, AppError> {
    let own = own_id(tx)?;
    find(tx, own)
}

/// One program.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there or not theirs.
pub fn find(tx: &mut ReadTx<'_>, id: ProgramId) -> Result<Program, AppError> {
    Ok(visible(tx).filter(programs::id.eq(id)).select(Program::as_select()).first(tx.conn())?)
}

/// One program by its code.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there or not theirs.
pub fn by_code(tx: &mut ReadTx<'_>, code: &str) -> Result<Program, AppError> {
    Ok(visible(tx).filter(programs::code.eq(code.to_owned())).select(Program::as_select()).first(tx.conn())?)
}

/// A program in the list.
#[derive(Queryable, Clone, Debug)]
pub struct ProgramLine {
    /// The program.
    pub program: Program,
    /// Its name as it is sorted.
    pub sort_name: String,
    /// Its partners, counted to 1,001 at the most.
    pub partners: i64,
}

/// One page of programs, by name.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>, page: &Keyset) -> Result<Vec<ProgramLine>, AppError> {
    let mut rows = visible(tx);
    if let Some(at) = &page.at {
        let sign = if page.backward { "<" } else { ">" };
        rows = rows.filter(
            crate::db::sql::<Bool>(&format!("(lower(programs.name), programs.id) {sign} ("))
                .bind::<Text, _>(at.key.clone())
                .sql(", ")
                .bind::<SqlUuid, _>(at.id)
                .sql(")"),
        );
    }
    let rows = if page.backward {
        rows.order((lower(programs::name).desc(), programs::id.desc()))
    } else {
        rows.order((lower(programs::name).asc(), programs::id.asc()))
    };
    let count =
        "(SELECT count(*) FROM (SELECT 1 FROM partners p WHERE p.program_id = programs.id LIMIT 1001) AS capped)";
    Ok(rows
        .limit(page.limit())
        .select((Program::as_select(), lower(programs::name), crate::db::sql::<BigInt>(count)))
        .load(tx.conn())?)
}

/// Makes a program with its first partner types and, for a single organisation, its partner.
///
/// # Errors
/// [`AppError::Invalid`] when its name or code is taken.
pub fn create(tx: &mut WriteTx<'_, CreateProgram>, new: &NewProgram) -> Result<Change<ProgramId>, AppError> {
    let (id, now) = (ProgramId::new(), tx.now());
    diesel::insert_into(programs::table)
        .values((
            programs::id.eq(id),
            programs::code.eq(&new.code),
            programs::name.eq(&new.name),
            programs::model.eq(new.model),
            programs::time_zone.eq(&new.zone),
            programs::created_at.eq(now),
            programs::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(taken)?;
    let own_type = insert_first_types(tx, id)?;
    let change =
        Change::new(id, Event::ProgramCreated { program: id, name: new.name.to_string(), code: new.code.to_string() });
    if new.model == Model::Coalition {
        return Ok(change);
    }
    let partner = insert_owner(tx, id, own_type, new)?;
    Ok(change.with(Event::PartnerCreated { partner, name: new.name.to_string(), code: new.code.to_string() }))
}

/// Returns the type of the own company.
fn insert_first_types(tx: &mut WriteTx<'_, CreateProgram>, program: ProgramId) -> Result<PartnerTypeId, AppError> {
    let mut own_type = None;
    let mut rows = Vec::new();
    for (position, (key, name)) in (1i32..).zip(FIRST_TYPES) {
        let id = PartnerTypeId::new();
        own_type = if key == OWN_TYPE { Some(id) } else { own_type };
        rows.push((
            partner_types::id.eq(id),
            partner_types::program_id.eq(program),
            partner_types::key.eq(key),
            partner_types::name.eq(name),
            partner_types::position.eq(position),
        ));
    }
    diesel::insert_into(partner_types::table).values(rows).execute(tx.conn())?;
    own_type.ok_or_else(|| AppError::Internal(anyhow::anyhow!("the first types lack the own company's")))
}

/// The one partner of a single organisation: active and hosting from the start.
fn insert_owner(
    tx: &mut WriteTx<'_, CreateProgram>,
    program: ProgramId,
    type_id: PartnerTypeId,
    new: &NewProgram,
) -> Result<PartnerId, AppError> {
    let (id, now) = (PartnerId::new(), tx.now());
    let (by, by_name) = (tx.actor().user(), tx.actor().name().to_owned());
    diesel::insert_into(partners::table)
        .values((
            partners::id.eq(id),
            partners::program_id.eq(program),
            partners::code.eq(&new.code),
            partners::name.eq(&new.name),
            partners::kind.eq("own"),
            partners::category.eq("both"),
            partners::type_id.eq(type_id),
            partners::status.eq("active"),
            partners::is_hosting.eq(true),
            partners::time_zone.eq(&new.zone),
            partners::code_fixed.eq(true),
            partners::created_at.eq(now),
            partners::updated_at.eq(now),
            partners::updated_by.eq(by),
            partners::updated_by_name.eq(by_name),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Locks the program of the transaction until its end, so that what is checked stays true.
pub(super) fn lock(tx: &mut WriteTx<'_, UpdateProgram>) -> Result<Program, AppError> {
    let own = own_id(tx)?;
    Ok(programs::table.find(own).for_update().select(Program::as_select()).first(tx.conn())?)
}

/// Changes the program's settings; false when nothing was different.
///
/// # Errors
/// [`AppError::Conflict`] when it was changed since `version`; [`AppError::Invalid`] when the name is taken or the
/// model does not fit its partners.
pub fn update(tx: &mut WriteTx<'_, UpdateProgram>, version: i32, to: &Settings) -> Result<Change<bool>, AppError> {
    let (program, now) = (lock(tx)?, tx.now());
    let changes = program.settings().changes(to);
    if changes.is_empty() {
        return Ok(Change::nothing(false));
    }
    if program.version != version {
        return Err(AppError::Conflict("Somebody changed these settings after you opened them.".into()));
    }
    if to.model == Model::Single && program.model != Model::Single {
        refuse_many(tx, program.id)?;
    }
    diesel::update(programs::table.find(program.id))
        .set((
            programs::name.eq(&to.name),
            programs::model.eq(to.model),
            programs::time_zone.eq(&to.zone),
            programs::tiers_enabled.eq(to.tiers),
            programs::campaign_approval.eq(to.campaign_approval),
            programs::hosting_limit.eq(to.hosting_limit),
            programs::second_factor_roles
                .eq(serde_json::json!(to.second_factor.iter().map(|role| role.key()).collect::<Vec<_>>())),
            programs::version.eq(programs::version + 1),
            programs::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(taken)?;
    Ok(Change::new(true, Event::ProgramUpdated { program: program.id, changes }))
}

/// A single organisation is exactly one hosting partner: without hosting its people could not run the program.
fn refuse_many(tx: &mut WriteTx<'_, UpdateProgram>, program: ProgramId) -> Result<(), AppError> {
    let hosting: Vec<bool> = partners::table
        .filter(partners::program_id.eq(program))
        .select(partners::is_hosting)
        .limit(2)
        .load(tx.conn())?;
    let why = match hosting.as_slice() {
        [true] => return Ok(()),
        [false] => "Its only partner does not host. Keep this ticked, or make that partner hosting first.",
        [] => "There is no partner yet to be the single organisation. Keep this ticked.",
        _ => "More than one partner takes part already, so others stay allowed. Keep this ticked.",
    };
    Err(AppError::Invalid(vec![FieldError::new("coalition", "Other organisations", why)]))
}

/// How many hosting partners the program has, counted to 1,001 at the most.
///
/// # Errors
/// When the database does not answer.
pub fn hosting_partners(tx: &mut ReadTx<'_>) -> Result<i64, AppError> {
    let own = own_id(tx)?;
    let some = partners::table.filter(partners::program_id.eq(own).and(partners::is_hosting)).select(partners::id);
    Ok(some.limit(1001).load::<PartnerId>(tx.conn())?.len() as i64)
}

/// Names, codes and keys are unique by index, so that two people at once cannot both have one.
pub(super) fn taken(error: diesel::result::Error) -> AppError {
    let diesel::result::Error::DatabaseError(UniqueViolation, info) = &error else { return error.into() };
    let refused = match info.constraint_name() {
        Some("programs_name_key") => {
            FieldError::new("name", "Name", "Another program has this name. Choose one that tells them apart.")
        }
        Some("programs_code_key") => FieldError::new("code", "Code", "Another program has this code. Choose another."),
        Some("partner_types_name_key") => {
            FieldError::new("type_name", "Name", "There is a partner type of this name already.")
        }
        _ => return error.into(),
    };
    AppError::Invalid(vec![refused])
}

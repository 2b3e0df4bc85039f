//! All SQL of roles.

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::model::{Custom, Facts, Offer};
use crate::access::{CreateRole, DeleteRole, MemberRole, Permission, Powers, Role, Scope, UpdateRole};
use crate::db::ids::{ProgramId, RoleId};
use crate::db::schema::{invitations, memberships, partners, programs, roles, users};
use crate::db::{ReadTx, WriteTx};
use crate::partners::model::{Partner, Status};
use crate::web::error::AppError;
use crate::web::form::FieldError;

diesel::allow_columns_to_appear_in_same_group_by_clause!(
    memberships::role,
    memberships::role_id,
    partners::is_hosting,
    partners::status,
);

/// Roles of its own that a program may have.
const MOST: i64 = 100;

/// The roles that a person may see: their program's.
fn visible(tx: &ReadTx<'_>) -> roles::BoxedQuery<'static, Pg> {
    let rows = roles::table.into_boxed();
    match tx.scope() {
        Scope::Everything => rows,
        Scope::Program(program) | Scope::Partner { program, .. } => rows.filter(roles::program_id.eq(program)),
    }
}

/// The roles that can be given at a partner: the built-in ones, then the program's own by name. Those that see all
/// partners are for hosting partners.
///
/// # Errors
/// When the database does not answer.
pub fn offers(tx: &mut ReadTx<'_>, partner: &Partner) -> Result<Vec<Offer>, AppError> {
    let own: Vec<(RoleId, String, bool, serde_json::Value)> = visible(tx)
        .filter(roles::program_id.eq(partner.program_id))
        .order((roles::name, roles::id))
        .select((roles::id, roles::name, roles::program_wide, roles::permissions))
        .load(tx.conn())?;
    let built_in = MemberRole::offered(partner.is_hosting).iter().map(|role| Offer::built_in(*role, partner));
    let own = own.into_iter().filter(|(_, _, wide, _)| partner.is_hosting || !wide).map(|(id, name, wide, keys)| {
        let powers = if wide { powers(keys) } else { powers(keys).at_one_partner() };
        Offer { role: MemberRole::Custom, custom: Some(id), name, program_wide: wide, powers }
    });
    Ok(built_in.chain(own).collect())
}

fn powers(keys: serde_json::Value) -> Powers {
    Powers::of_keys(&serde_json::from_value::<Vec<String>>(keys).unwrap_or_default())
}

type Row = (RoleId, i32, String, String, bool, serde_json::Value, bool);

type Columns = (
    roles::id,
    roles::version,
    roles::name,
    roles::copied_from,
    roles::program_wide,
    roles::permissions,
    roles::second_factor,
);

const COLUMNS: Columns = (
    roles::id,
    roles::version,
    roles::name,
    roles::copied_from,
    roles::program_wide,
    roles::permissions,
    roles::second_factor,
);

fn custom((id, version, name, copied_from, program_wide, keys, second_factor): Row) -> Custom {
    Custom { id, version, facts: Facts { name, copied_from, program_wide, powers: powers(keys), second_factor } }
}

fn own_program(tx: &ReadTx<'_>) -> Result<ProgramId, AppError> {
    tx.actor().program_id().ok_or(AppError::NotFound)
}

/// The program's own roles, by name.
///
/// # Errors
/// When the database does not answer.
pub fn all(tx: &mut ReadTx<'_>) -> Result<Vec<Custom>, AppError> {
    let program = own_program(tx)?;
    let rows: Vec<Row> = visible(tx)
        .filter(roles::program_id.eq(program))
        .order((roles::name, roles::id))
        .select(COLUMNS)
        .load(tx.conn())?;
    Ok(rows.into_iter().map(custom).collect())
}

/// One of the program's own roles.
///
/// # Errors
/// [`AppError::NotFound`] when it is not the program's.
pub fn find(tx: &mut ReadTx<'_>, id: RoleId) -> Result<Custom, AppError> {
    let program = own_program(tx)?;
    let row: Row =
        visible(tx).filter(roles::program_id.eq(program).and(roles::id.eq(id))).select(COLUMNS).first(tx.conn())?;
    Ok(custom(row))
}

/// How many people have each role: the built-in ones as they count at their partner now, and the program's own.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// By built-in role.
    pub built_in: HashMap<Role, i64>,
    /// By the program's own.
    pub own: HashMap<RoleId, i64>,
}

/// Counts the memberships of the program by role; those of archived partners are nobody's.
///
/// # Errors
/// When the database does not answer.
pub fn count(tx: &mut ReadTx<'_>) -> Result<Counts, AppError> {
    let program = own_program(tx)?;
    let rows: Vec<(MemberRole, Option<RoleId>, bool, Status, i64)> = memberships::table
        .inner_join(partners::table.on(partners::id.eq(memberships::partner_id)))
        .filter(memberships::program_id.eq(program).and(partners::status.ne(Status::Archived)))
        .group_by((memberships::role, memberships::role_id, partners::is_hosting, partners::status))
        .select((memberships::role, memberships::role_id, partners::is_hosting, partners::status, count_star()))
        .load(tx.conn())?;
    let mut counts = Counts::default();
    for (role, own, is_hosting, status, count) in rows {
        match own {
            Some(id) => *counts.own.entry(id).or_default() += count,
            None => *counts.built_in.entry(role.at(is_hosting && status.can_host())).or_default() += count,
        }
    }
    Ok(counts)
}

/// The built-in roles whose people must use a second factor.
///
/// # Errors
/// When the database does not answer.
pub fn second_factor_roles(tx: &mut ReadTx<'_>) -> Result<Vec<Role>, AppError> {
    let program = own_program(tx)?;
    let keys: serde_json::Value =
        programs::table.find(program).select(programs::second_factor_roles).first(tx.conn())?;
    let keys: Vec<String> = serde_json::from_value(keys).unwrap_or_default();
    Ok(keys.iter().filter_map(|key| Role::from_key(key)).collect())
}

/// Somebody who has a role.
#[derive(Queryable, Clone, Debug)]
pub struct Holder {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The partner where they have it.
    pub partner: String,
    /// The partner's code.
    pub code: String,
    /// Whether it hosts.
    pub is_hosting: bool,
}

/// The people who have one of the program's own roles, by name; at most 200.
///
/// # Errors
/// When the database does not answer.
pub fn holders(tx: &mut ReadTx<'_>, role: &Custom) -> Result<Vec<Holder>, AppError> {
    let program = own_program(tx)?;
    Ok(memberships::table
        .inner_join(users::table)
        .inner_join(partners::table.on(partners::id.eq(memberships::partner_id)))
        .filter(memberships::program_id.eq(program).and(memberships::role_id.eq(role.id)))
        .order((users::name, memberships::id))
        .limit(200)
        .select((users::name, users::email, partners::name, partners::code, partners::is_hosting))
        .load(tx.conn())?)
}

/// Names of those who are invited to one of the program's own roles and did not answer yet; at most 200.
///
/// # Errors
/// When the database does not answer.
pub fn invited(tx: &mut ReadTx<'_>, role: &Custom) -> Result<Vec<String>, AppError> {
    let program = own_program(tx)?;
    Ok(invitations::table
        .filter(invitations::program_id.eq(program).and(invitations::role_id.eq(role.id)))
        .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))
        .order((invitations::name, invitations::id))
        .limit(200)
        .select(invitations::name)
        .load(tx.conn())?)
}

fn taken(error: DieselError) -> AppError {
    match &error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info)
            if info.constraint_name() == Some("roles_name_key") =>
        {
            AppError::Invalid(vec![FieldError::new("name", "Name", "There is a role of this name already.")])
        }
        _ => error.into(),
    }
}

/// Stores a new role.
///
/// # Errors
/// [`AppError::Invalid`] when its name is taken; [`AppError::Refused`] when the program has as many as it may.
pub fn insert(tx: &mut WriteTx<'_, CreateRole>, facts: &Facts) -> Result<RoleId, AppError> {
    let (program, id, now) = (own_program(tx)?, RoleId::new(), tx.now());
    // Held, so that two people at once do not make one too many.
    programs::table.find(program).select(programs::id).for_no_key_update().first::<ProgramId>(tx.conn())?;
    let present: i64 = visible(tx).filter(roles::program_id.eq(program)).count().get_result(tx.conn())?;
    if present >= MOST {
        return Err(AppError::Refused(format!(
            "The program has {MOST} roles, and cannot have more. Remove one first."
        )));
    }
    diesel::insert_into(roles::table)
        .values((
            roles::id.eq(id),
            roles::program_id.eq(program),
            roles::name.eq(&facts.name),
            roles::copied_from.eq(&facts.copied_from),
            roles::program_wide.eq(facts.program_wide),
            roles::permissions.eq(serde_json::json!(facts.powers.keys())),
            roles::second_factor.eq(facts.second_factor),
            roles::created_at.eq(now),
            roles::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(taken)?;
    Ok(id)
}

/// Saves a role, if it is still at the version that was seen; else false.
///
/// # Errors
/// [`AppError::Invalid`] when its name is taken.
pub fn save(tx: &mut WriteTx<'_, UpdateRole>, id: RoleId, seen: i32, facts: &Facts) -> Result<bool, AppError> {
    let (program, now) = (own_program(tx)?, tx.now());
    let row = roles::table.filter(roles::id.eq(id).and(roles::program_id.eq(program)).and(roles::version.eq(seen)));
    let saved = diesel::update(row)
        .set((
            roles::name.eq(&facts.name),
            roles::program_wide.eq(facts.program_wide),
            roles::permissions.eq(serde_json::json!(facts.powers.keys())),
            roles::second_factor.eq(facts.second_factor),
            roles::version.eq(seen + 1),
            roles::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(taken)?;
    Ok(saved == 1)
}

/// Removes a role that was found to be unused, if it is still at the version that was seen; else false.
///
/// # Errors
/// [`AppError::Refused`] when somebody got it at the same moment.
pub fn remove(tx: &mut WriteTx<'_, DeleteRole>, id: RoleId, seen: i32) -> Result<bool, AppError> {
    let program = own_program(tx)?;
    let row = roles::table.filter(roles::id.eq(id).and(roles::program_id.eq(program)).and(roles::version.eq(seen)));
    let removed = diesel::delete(row).execute(tx.conn()).map_err(|error| match &error {
        DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::CheckViolation, _) => {
            AppError::Refused("Somebody was given this role at the same moment. Look at it again.".into())
        }
        _ => error.into(),
    })?;
    Ok(removed == 1)
}

/// What is said at the field when a role was removed at the very moment it was given; other errors as they are.
pub fn given(error: DieselError) -> AppError {
    match &error {
        DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, info)
            if matches!(info.constraint_name(), Some("memberships_role_fkey" | "invitations_role_fkey")) =>
        {
            let message = "This role was removed at the same moment. Choose another.";
            AppError::Invalid(vec![FieldError::new("role", "Role", message)])
        }
        _ => error.into(),
    }
}

/// Holds a role until the transaction ends, so that what is compared with it stays true.
///
/// # Errors
/// [`AppError::NotFound`] when it is not the program's.
pub fn hold<P: Permission>(tx: &mut WriteTx<'_, P>, id: RoleId) -> Result<Custom, AppError> {
    let program = own_program(tx)?;
    roles::table
        .filter(roles::id.eq(id).and(roles::program_id.eq(program)))
        .select(roles::id)
        .for_update()
        .first::<RoleId>(tx.conn())?;
    find(tx, id)
}

/// Ids and names of the program's own roles, by name: for filters.
///
/// # Errors
/// When the database does not answer.
pub fn names(tx: &mut ReadTx<'_>) -> Result<Vec<(RoleId, String)>, AppError> {
    Ok(visible(tx).order((roles::name, roles::id)).select((roles::id, roles::name)).load(tx.conn())?)
}

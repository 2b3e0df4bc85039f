//! All SQL of partners: here what is found one by one; lists and writes in files of their own.

mod list;
mod write;

use std::collections::HashMap;

use diesel::pg::Pg;
use diesel::prelude::*;

use super::model::{Facts, Partner, Status};
use crate::access::Scope;
use crate::db::ids::{PartnerId, UserId};
use crate::db::schema::{memberships, partner_types, partners, users};
use crate::db::{ReadTx, count_of};
use crate::values::Code;
use crate::web::error::AppError;
use crate::{integrations, products, tenants};

pub use list::{Counts, Filter, Sort, any, count, count_by_status, counts, list, recent_editors, sought};
pub use write::{
    Waiting, insert, lock_hosts, logo, open_invitations, remove_untouched, revoke_invitations, save, save_contact,
    save_hosting, save_logo,
};

/// The partners that a person may see. Every read, count, search and export begins here.
fn visible(tx: &ReadTx<'_>) -> partners::BoxedQuery<'static, Pg> {
    let rows = partners::table.into_boxed();
    match tx.scope() {
        Scope::Everything => rows,
        Scope::Program(program) => rows.filter(partners::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(partners::program_id.eq(program).and(partners::id.eq(partner)))
        }
    }
}

/// One partner by its code.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn find(tx: &mut ReadTx<'_>, code: &str) -> Result<Partner, AppError> {
    Ok(find_typed(tx, code)?.0)
}

/// The same with the name of its type.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn find_typed(tx: &mut ReadTx<'_>, code: &str) -> Result<(Partner, String), AppError> {
    // Without a program open a code could be several partners'. And NUL is no text to Postgres, though it may stand in
    // an address.
    if tx.scope() == Scope::Everything || code.contains('\0') {
        return Err(AppError::NotFound);
    }
    // What is no code is nobody's: Postgres could not even be asked for some of it.
    let code = Code::parse(code).map_err(|_| AppError::NotFound)?;
    let type_name = partner_types::table.filter(partner_types::id.eq(partners::type_id)).select(partner_types::name);
    let (mut partner, type_name): (Partner, Option<String>) = visible(tx)
        .filter(partners::code.eq(code))
        .select((Partner::as_select(), type_name.single_value()))
        .first(tx.conn())?;
    if matches!(tx.scope(), Scope::Partner { .. }) {
        // Its own people never get hold of what the hosts noted about it, whatever a page does.
        partner.notes.clear();
    }
    Ok((partner, type_name.unwrap_or_default()))
}

/// What a partner's tabs count, each to one more than a thousand.
#[derive(Queryable, Clone, Copy, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct TabCounts {
    pub integrations: i64,
    pub tenants: i64,
    pub products: i64,
}

/// What the tabs of a partner that was found in scope count, in one statement.
///
/// # Errors
/// When the database does not answer.
pub fn tab_counts(tx: &mut ReadTx<'_>, partner: PartnerId) -> Result<TabCounts, AppError> {
    let live = tenants::store::Filter { partner: Some(partner), ..Default::default() };
    let counts = (
        count_of(integrations::store::ids_of_partner(tx, partner)),
        count_of(tenants::store::ids(tx, &live)),
        count_of(products::store::ids_of_partner(tx, partner)),
    );
    Ok(diesel::select(counts).get_result(tx.conn())?)
}

/// Several partners by their codes, for an import.
///
/// # Errors
/// When the database does not answer.
pub fn find_many(tx: &mut ReadTx<'_>, codes: &[&str]) -> Result<HashMap<String, Partner>, AppError> {
    let mut found = HashMap::new();
    for chunk in codes.chunks(5000) {
        let codes: Vec<String> = chunk.iter().map(ToString::to_string).collect();
        let rows: Vec<Partner> =
            visible(tx).filter(partners::code.eq_any(codes)).select(Partner::as_select()).load(tx.conn())?;
        found.extend(rows.into_iter().map(|partner| (partner.code.to_string(), partner)));
    }
    Ok(found)
}

/// Codes and names of partners in scope, by id.
///
/// # Errors
/// When the database does not answer.
pub fn names(tx: &mut ReadTx<'_>, ids: &[PartnerId]) -> Result<HashMap<PartnerId, (String, String)>, AppError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(PartnerId, String, String)> = visible(tx)
        .filter(partners::id.eq_any(ids.to_vec()))
        .select((partners::id, partners::code, partners::name))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(id, code, name)| (id, (code, name))).collect())
}

/// Codes of other partners with the same name, ignoring case; a few.
///
/// # Errors
/// When the database does not answer.
pub fn namesakes(tx: &mut ReadTx<'_>, facts: &Facts) -> Result<Vec<String>, AppError> {
    Ok(visible(tx)
        .filter(partners::sort_name.eq(facts.name.as_str().to_lowercase()).and(partners::code.ne(facts.code.clone())))
        .select(partners::code)
        .limit(5)
        .load(tx.conn())?)
}

/// Which of these names (in lower case) somebody in scope has already.
///
/// # Errors
/// When the database does not answer.
pub fn taken_names(tx: &mut ReadTx<'_>, names: &[String]) -> Result<HashMap<String, String>, AppError> {
    let mut found = HashMap::new();
    for chunk in names.chunks(5000) {
        let rows: Vec<(String, String)> = visible(tx)
            .filter(partners::sort_name.eq_any(chunk.to_vec()))
            .select((partners::sort_name, partners::code))
            .load(tx.conn())?;
        found.extend(rows);
    }
    Ok(found)
}

/// Names of people by id, for contacts; only those the person may see.
///
/// # Errors
/// When the database does not answer.
pub fn contact_names(tx: &mut ReadTx<'_>, partners: &[Partner]) -> Result<HashMap<UserId, String>, AppError> {
    let ids: Vec<UserId> = partners.iter().filter_map(|partner| partner.primary_contact_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(UserId, String)> =
        users::table.filter(users::id.eq_any(ids)).select((users::id, users::name)).load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

/// The people to be told about the program's partners: the primary contacts of the active hosting partners, as far as
/// they can sign in.
///
/// # Errors
/// When the database does not answer.
pub fn hosting_contacts(tx: &mut ReadTx<'_>) -> Result<Vec<(UserId, String, String)>, AppError> {
    let ids: Vec<Option<UserId>> = visible(tx)
        .filter(partners::is_hosting.and(partners::status.eq(Status::Active)))
        .filter(partners::primary_contact_id.is_not_null())
        .select(partners::primary_contact_id)
        .limit(1000)
        .load(tx.conn())?;
    let ids: Vec<UserId> = ids.into_iter().flatten().collect();
    Ok(users::table
        .filter(users::id.eq_any(ids).and(users::status.eq("active")))
        .order(users::id)
        .select((users::id, users::name, users::email))
        .load(tx.conn())?)
}

/// Somebody of a partner.
#[derive(Queryable, Clone, Debug)]
pub struct Crew {
    /// The person.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their role there.
    pub role: crate::access::MemberRole,
    /// Whether they can sign in.
    pub status: String,
}

/// The people of a partner that was found in scope, by name; at most 500.
///
/// # Errors
/// When the database does not answer.
pub fn crew(tx: &mut ReadTx<'_>, partner: &Partner) -> Result<Vec<Crew>, AppError> {
    Ok(memberships::table
        .inner_join(users::table)
        .filter(memberships::partner_id.eq(partner.id))
        .order((users::name, users::id))
        .limit(500)
        .select((users::id, users::name, users::email, memberships::role, users::status))
        .load(tx.conn())?)
}

/// The hosting partners in scope; at most 1,000.
///
/// # Errors
/// When the database does not answer.
pub fn hosts(tx: &mut ReadTx<'_>) -> Result<Vec<PartnerId>, AppError> {
    Ok(visible(tx).filter(partners::is_hosting).select(partners::id).limit(1000).load(tx.conn())?)
}

/// People of the program's hosting partners, for "who can see this".
///
/// # Errors
/// When the database does not answer.
pub fn hosting_crew(tx: &mut ReadTx<'_>) -> Result<Vec<(PartnerId, Crew)>, AppError> {
    let hosts: Vec<PartnerId> = visible(tx)
        .filter(partners::is_hosting.and(partners::status.ne(Status::Archived)))
        .select(partners::id)
        .load(tx.conn())?;
    Ok(memberships::table
        .inner_join(users::table)
        .filter(memberships::partner_id.eq_any(hosts))
        .order((users::name, users::id))
        .limit(2000)
        .select((memberships::partner_id, (users::id, users::name, users::email, memberships::role, users::status)))
        .load(tx.conn())?)
}

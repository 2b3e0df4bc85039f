//! All SQL of partners.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use sha2::{Digest, Sha256};

use super::model::{Category, Facts, Kind, Partner, Status};
use crate::access::{Permission, Scope};
use crate::db::ids::{PartnerId, PartnerTypeId, ProgramId, UserId};
use crate::db::schema::{memberships, partner_logos, partners, users};
use crate::db::{ReadTx, WriteTx};
use crate::web::error::AppError;
use crate::web::form::FieldError;
use crate::web::listing::{CAP, Cursor, Keyset, like};

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

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of a name, code or support address.
    pub search: String,
    /// One status.
    pub status: Option<Status>,
    /// One type.
    pub type_id: Option<PartnerTypeId>,
    /// One kind.
    pub kind: Option<Kind>,
    /// One category.
    pub category: Option<Category>,
    /// Hosting partners only.
    pub hosting: bool,
    /// Who changed it last.
    pub updated_by: Option<UserId>,
    /// These only.
    pub ids: Option<Vec<PartnerId>>,
}

/// The orders a list can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// By name.
    Name,
    /// By name, last first.
    NameDown,
    /// By code.
    Code,
    /// By code, last first.
    CodeDown,
    /// Longest unchanged first.
    Updated,
    /// Latest change first.
    UpdatedDown,
}

impl Sort {
    /// Reads the word of an address; anything else is the default.
    pub fn read(word: &str) -> Sort {
        match word {
            "name" => Sort::Name,
            "-name" => Sort::NameDown,
            "code" => Sort::Code,
            "-code" => Sort::CodeDown,
            "updated" => Sort::Updated,
            _ => Sort::UpdatedDown,
        }
    }

    fn is_down(self) -> bool {
        matches!(self, Sort::NameDown | Sort::CodeDown | Sort::UpdatedDown)
    }

    fn column(self) -> &'static str {
        match self {
            Sort::Name | Sort::NameDown => "partners.sort_name",
            Sort::Code | Sort::CodeDown => "partners.code",
            Sort::Updated | Sort::UpdatedDown => "partners.updated_at",
        }
    }

    /// A row's place in this order.
    pub fn cursor(self, partner: &Partner) -> Cursor {
        let key = match self {
            Sort::Name | Sort::NameDown => partner.name.as_str().to_lowercase(),
            Sort::Code | Sort::CodeDown => partner.code.to_string(),
            Sort::Updated | Sort::UpdatedDown => partner.updated_at.to_rfc3339(),
        };
        Cursor { key, id: partner.id.uuid() }
    }
}

fn filtered(tx: &ReadTx<'_>, filter: &Filter) -> partners::BoxedQuery<'static, Pg> {
    let mut rows = visible(tx);
    if !filter.search.is_empty() {
        // The expression of partners_search_idx, to the letter.
        rows = rows.filter(
            diesel::dsl::sql::<Bool>(
                "(partners.name || ' ' || partners.code || ' ' || coalesce(partners.support_email, '')) ILIKE ",
            )
            .bind::<Text, _>(like(&filter.search)),
        );
    }
    if let Some(status) = filter.status {
        rows = rows.filter(partners::status.eq(status));
    }
    if let Some(type_id) = filter.type_id {
        rows = rows.filter(partners::type_id.eq(type_id));
    }
    if let Some(kind) = filter.kind {
        rows = rows.filter(partners::kind.eq(kind));
    }
    if let Some(category) = filter.category {
        rows = rows.filter(partners::category.eq(category));
    }
    if filter.hosting {
        rows = rows.filter(partners::is_hosting);
    }
    if let Some(person) = filter.updated_by {
        rows = rows.filter(partners::updated_by.eq(person));
    }
    if let Some(ids) = &filter.ids {
        rows = rows.filter(partners::id.eq_any(ids.clone()));
    }
    rows
}

/// One page.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>, filter: &Filter, sort: Sort, page: &Keyset) -> Result<Vec<Partner>, AppError> {
    let mut rows = filtered(tx, filter);
    let down = sort.is_down() != page.backward;
    if let Some(at) = &page.at {
        let compare = format!("({}, partners.id) {} (", sort.column(), if down { "<" } else { ">" });
        let compare = diesel::dsl::sql::<Bool>(&compare);
        rows = match (sort, at.key.parse::<DateTime<Utc>>()) {
            (Sort::Updated | Sort::UpdatedDown, Ok(moment)) => {
                rows.filter(compare.bind::<Timestamptz, _>(moment).sql(", ").bind::<SqlUuid, _>(at.id).sql(")"))
            }
            // A cursor of another order: begin again.
            (Sort::Updated | Sort::UpdatedDown, Err(_)) => rows,
            _ => rows.filter(compare.bind::<Text, _>(at.key.clone()).sql(", ").bind::<SqlUuid, _>(at.id).sql(")")),
        };
    }
    let order = format!("{} {}", sort.column(), if down { "DESC" } else { "ASC" });
    let rows = rows.order(diesel::dsl::sql::<Text>(&order));
    let rows = if down { rows.then_order_by(partners::id.desc()) } else { rows.then_order_by(partners::id.asc()) };
    Ok(rows.limit(page.limit()).select(Partner::as_select()).load(tx.conn())?)
}

/// How many there are, counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count(tx: &mut ReadTx<'_>, filter: &Filter) -> Result<i64, AppError> {
    let some: Vec<PartnerId> = filtered(tx, filter).select(partners::id).limit(CAP + 1).load(tx.conn())?;
    Ok(some.len() as i64)
}

#[derive(QueryableByName)]
struct StatusCount {
    #[diesel(sql_type = Text)]
    status: Status,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many there are in each status, each counted to one more than [`CAP`]. The only count that does not begin
/// with `visible`, since each status is cut by itself: it takes the same scope as values.
///
/// # Errors
/// When the database does not answer.
pub fn count_by_status(tx: &mut ReadTx<'_>) -> Result<HashMap<Status, i64>, AppError> {
    let (program, partner) = match tx.scope() {
        Scope::Everything => return Ok(HashMap::new()),
        Scope::Program(program) => (program, None),
        Scope::Partner { program, partner } => (program, Some(partner)),
    };
    let counts: Vec<StatusCount> = diesel::sql_query(
        "SELECT s.status, (SELECT count(*) FROM (SELECT 1 FROM partners p WHERE p.program_id = $1 AND p.status = s.status
           AND ($2 IS NULL OR p.id = $2) LIMIT $3) AS capped) AS count
         FROM unnest(ARRAY['planned', 'pending', 'active', 'suspended', 'offboarding', 'archived']) AS s (status)",
    )
    .bind::<SqlUuid, _>(program)
    .bind::<Nullable<SqlUuid>, _>(partner)
    .bind::<BigInt, _>(CAP + 1)
    .load(tx.conn())?;
    Ok(counts.into_iter().map(|line| (line.status, line.count)).collect())
}

/// One partner by its code.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn find(tx: &mut ReadTx<'_>, code: &str) -> Result<Partner, AppError> {
    // Without a program open a code could be several partners'.
    if tx.scope() == Scope::Everything {
        return Err(AppError::NotFound);
    }
    Ok(visible(tx).filter(partners::code.eq(code.to_owned())).select(Partner::as_select()).first(tx.conn())?)
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

/// People who changed partners lately, for the filter.
///
/// # Errors
/// When the database does not answer.
pub fn recent_editors(tx: &mut ReadTx<'_>) -> Result<Vec<(UserId, String)>, AppError> {
    let rows: Vec<(Option<UserId>, String)> = visible(tx)
        .order((partners::updated_at.desc(), partners::id.desc()))
        .select((partners::updated_by, partners::updated_by_name))
        .limit(200)
        .load(tx.conn())?;
    let mut editors: Vec<(UserId, String)> = Vec::new();
    for (id, name) in rows {
        if let Some(id) = id.filter(|id| !editors.iter().any(|(known, _)| known == id)) {
            editors.push((id, name));
        }
    }
    editors.truncate(20);
    Ok(editors)
}

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

/// The conflict of a stale edit: who was faster.
fn stale(tx: &mut ReadTx<'_>, id: PartnerId) -> AppError {
    let found: Result<(String, i32), DieselError> =
        visible(tx).filter(partners::id.eq(id)).select((partners::updated_by_name, partners::version)).first(tx.conn());
    match found {
        Ok((by, version)) => AppError::Conflict(format!(
            "{by} changed this partner while you were editing it (it is at version {version} now). Your entries are kept below: compare, then save again."
        )),
        Err(cause) => cause.into(),
    }
}

/// Saves the facts of a partner, if it is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the code is taken.
pub fn save<P: Permission>(tx: &mut WriteTx<'_, P>, id: PartnerId, seen: i32, facts: &Facts) -> Result<(), AppError> {
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let stamp = (
        partners::version.eq(seen + 1),
        partners::updated_at.eq(now),
        partners::updated_by.eq(by),
        partners::updated_by_name.eq(by_name),
    );
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
    match saved.map_err(mapped)? {
        1 => Ok(()),
        _ => Err(stale(tx, id)),
    }
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
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let row = partners::table.filter(partners::id.eq(id).and(partners::version.eq(seen)));
    let saved = diesel::update(row)
        .set((
            partners::primary_contact_id.eq(contact),
            partners::version.eq(seen + 1),
            partners::updated_at.eq(now),
            partners::updated_by.eq(by),
            partners::updated_by_name.eq(by_name),
        ))
        .execute(tx.conn())?;
    if saved == 1 { Ok(()) } else { Err(stale(tx, id)) }
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
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let row = partners::table.filter(partners::id.eq(id).and(partners::version.eq(seen)));
    let saved = diesel::update(row)
        .set((
            partners::is_hosting.eq(hosting),
            partners::version.eq(seen + 1),
            partners::updated_at.eq(now),
            partners::updated_by.eq(by),
            partners::updated_by_name.eq(by_name),
        ))
        .execute(tx.conn())?;
    if saved == 1 { Ok(()) } else { Err(stale(tx, id)) }
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
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let row = partners::table.filter(partners::id.eq(id).and(partners::version.eq(seen)));
    let saved = diesel::update(row)
        .set((
            partners::logo_sha256.eq(hash),
            partners::version.eq(seen + 1),
            partners::updated_at.eq(now),
            partners::updated_by.eq(by),
            partners::updated_by_name.eq(by_name),
        ))
        .execute(tx.conn())?;
    if saved != 1 {
        return Err(stale(tx, id));
    }
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

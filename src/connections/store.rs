//! All SQL of connections. The credentials are written by pages and read by [`sealed`] alone, in transactions without
//! a person: the database roles of pages hold no right to read them.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};

use super::model::{Connection, Direction, Facts, Kind, Outcome, TestState, Use};
use crate::access::seal::Sealed;
use crate::access::{Permission, Scope};
use crate::db::ids::{ConnectionId, PartnerId, UserId};
use crate::db::schema::connections;
use crate::db::{ReadTx, SystemTx, WriteTx, counted};
use crate::integrations;
use crate::partners::model::Partner;
use crate::web::error::AppError;
use crate::web::form::FieldError;
use crate::web::listing::{CAP, Cursor, Keyset, like};

/// The connections that a person may see. Every read, count, search and export begins here.
fn visible(tx: &ReadTx<'_>) -> connections::BoxedQuery<'static, Pg> {
    let rows = connections::table.into_boxed();
    match tx.scope() {
        // Without a program open there are none to be seen.
        Scope::Everything => rows.filter(connections::id.ne(connections::id)),
        Scope::Program(program) => rows.filter(connections::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(connections::program_id.eq(program).and(connections::partner_id.eq(partner)))
        }
    }
}

/// One connection by its id, as it stands in an address.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn find(tx: &mut ReadTx<'_>, id: &str) -> Result<Connection, AppError> {
    let id: ConnectionId = id.parse().map_err(|_| AppError::NotFound)?;
    Ok(visible(tx).filter(connections::id.eq(id)).select(Connection::as_select()).first(tx.conn())?)
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of a name, host or bucket.
    pub search: String,
    /// One partner.
    pub partner: Option<PartnerId>,
    /// One kind.
    pub kind: Option<Kind>,
    /// One direction; what goes both ways is in each.
    pub direction: Option<Direction>,
    /// How the last test ended.
    pub test: Option<TestState>,
    /// Who changed it last.
    pub updated_by: Option<UserId>,
    /// Nothing at all: a filter that nobody can fulfil.
    pub impossible: bool,
}

/// The orders a list can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// By name.
    Name,
    /// By name, last first.
    NameDown,
    /// Longest unchanged first.
    Updated,
    /// Latest change first.
    UpdatedDown,
}

impl Sort {
    /// Reads the word of an address; anything else is the default.
    pub fn read(word: &str) -> Sort {
        match word {
            "-name" => Sort::NameDown,
            "updated" => Sort::Updated,
            "-updated" => Sort::UpdatedDown,
            _ => Sort::Name,
        }
    }

    fn is_down(self) -> bool {
        matches!(self, Sort::NameDown | Sort::UpdatedDown)
    }

    fn is_by_name(self) -> bool {
        matches!(self, Sort::Name | Sort::NameDown)
    }

    fn column(self) -> &'static str {
        if self.is_by_name() { "connections.sort_name" } else { "connections.updated_at" }
    }

    /// A row's place in this order.
    pub fn cursor(self, connection: &Connection) -> Cursor {
        let key = if self.is_by_name() { connection.sort_name.clone() } else { connection.updated_at.to_rfc3339() };
        Cursor { key, id: connection.id.uuid() }
    }
}

fn filtered(tx: &ReadTx<'_>, filter: &Filter) -> connections::BoxedQuery<'static, Pg> {
    let mut rows = visible(tx);
    if filter.impossible {
        rows = rows.filter(connections::id.ne(connections::id));
    }
    if !filter.search.is_empty() {
        // The expression of connections_search_idx, to the letter.
        let searched = "(connections.name || ' ' || connections.host || ' ' || connections.bucket) ILIKE ";
        rows = rows.filter(diesel::dsl::sql::<Bool>(searched).bind::<Text, _>(like(&filter.search)));
    }
    if let Some(partner) = filter.partner {
        rows = rows.filter(connections::partner_id.eq(partner));
    }
    if let Some(kind) = filter.kind {
        rows = rows.filter(connections::kind.eq(kind));
    }
    if let Some(direction) = filter.direction {
        rows = rows.filter(connections::direction.eq_any([direction, Direction::Both]));
    }
    if let Some(test) = filter.test {
        rows = rows.filter(connections::test_state.eq(test));
    }
    if let Some(person) = filter.updated_by {
        rows = rows.filter(connections::updated_by.eq(person));
    }
    rows
}

/// One page.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>, filter: &Filter, sort: Sort, page: &Keyset) -> Result<Vec<Connection>, AppError> {
    let mut rows = filtered(tx, filter);
    let down = sort.is_down() != page.backward;
    if let Some(at) = &page.at {
        let compare = format!("({}, connections.id) {} (", sort.column(), if down { "<" } else { ">" });
        let compare = crate::db::sql::<Bool>(&compare);
        rows = match (sort.is_by_name(), at.key.parse::<DateTime<Utc>>()) {
            (true, _) => {
                rows.filter(compare.bind::<Text, _>(at.key.clone()).sql(", ").bind::<SqlUuid, _>(at.id).sql(")"))
            }
            (false, Ok(moment)) => {
                rows.filter(compare.bind::<Timestamptz, _>(moment).sql(", ").bind::<SqlUuid, _>(at.id).sql(")"))
            }
            // A cursor of another order: begin again.
            (false, Err(_)) => rows,
        };
    }
    let order = format!("{} {}", sort.column(), if down { "DESC" } else { "ASC" });
    let rows = rows.order(crate::db::sql::<Text>(&order));
    let rows =
        if down { rows.then_order_by(connections::id.desc()) } else { rows.then_order_by(connections::id.asc()) };
    Ok(rows.limit(page.limit()).select(Connection::as_select()).load(tx.conn())?)
}

/// How many there are, counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count(tx: &mut ReadTx<'_>, filter: &Filter) -> Result<i64, AppError> {
    let some = filtered(tx, filter).select(connections::id).limit(CAP + 1);
    Ok(counted(some, tx.conn())?)
}

/// People who changed connections lately, for the filter.
///
/// # Errors
/// When the database does not answer.
pub fn recent_editors(tx: &mut ReadTx<'_>) -> Result<Vec<(UserId, String)>, AppError> {
    let rows: Vec<(Option<UserId>, String)> = visible(tx)
        .order((connections::updated_at.desc(), connections::id.desc()))
        .select((connections::updated_by, connections::updated_by_name))
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

/// What uses a connection, and so keeps it from being removed: integrations that name it, in what is written or live.
///
/// # Errors
/// When the database does not answer.
pub fn uses(tx: &mut ReadTx<'_>, connection: &Connection) -> Result<Vec<Use>, AppError> {
    let named = integrations::store::uses_of_connection(tx, connection.id)?;
    Ok(named.into_iter().map(|(id, name)| Use { name, address: integrations::address(id) }).collect())
}

fn mapped(error: DieselError) -> AppError {
    if let DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) = &error
        && info.constraint_name() == Some("connections_name_key")
    {
        return AppError::Invalid(vec![FieldError::new(
            "name",
            "Name",
            "This partner has a connection of this name. Choose another.",
        )]);
    }
    error.into()
}

#[derive(Insertable)]
#[diesel(table_name = connections)]
struct NewRow<'a> {
    id: ConnectionId,
    program_id: crate::db::ids::ProgramId,
    partner_id: PartnerId,
    name: &'a str,
    kind: Kind,
    direction: Direction,
    host: &'a str,
    port: i32,
    path: &'a str,
    region: &'a str,
    bucket: &'a str,
    prefix: &'a str,
    auth: super::model::Auth,
    username: &'a str,
    secret: Option<&'a [u8]>,
    secret_key_id: Option<&'a str>,
    host_key: &'a str,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    updated_by: Option<UserId>,
    updated_by_name: String,
}

/// Stores a new connection of a partner that was found in scope.
///
/// # Errors
/// [`AppError::Invalid`] when its name is taken.
pub fn insert<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    id: ConnectionId,
    partner: &Partner,
    facts: &Facts,
    secret: Option<&Sealed>,
) -> Result<(), AppError> {
    let now = tx.now();
    let row = NewRow {
        id,
        program_id: tx.actor().program_id().ok_or(AppError::NotFound)?,
        partner_id: partner.id,
        name: facts.name.as_str(),
        kind: facts.kind,
        direction: facts.direction,
        host: &facts.host,
        port: i32::from(facts.port),
        path: &facts.path,
        region: &facts.region,
        bucket: &facts.bucket,
        prefix: &facts.prefix,
        auth: facts.auth,
        username: &facts.username,
        secret: secret.map(|sealed| sealed.bytes.as_slice()),
        secret_key_id: secret.map(|sealed| sealed.key_id.as_str()),
        host_key: &facts.host_key,
        created_at: now,
        updated_at: now,
        updated_by: tx.actor().user(),
        updated_by_name: tx.actor().name().to_owned(),
    };
    diesel::insert_into(connections::table).values(row).execute(tx.conn()).map_err(mapped)?;
    Ok(())
}

/// New credentials of an edit.
#[derive(Clone, Debug)]
pub enum NewSecret {
    /// What is stored stays.
    Keep,
    /// There are none any more.
    Clear,
    /// These.
    Put(Sealed),
}

/// Saves an edit, if the connection is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the name is taken.
pub fn save<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    id: ConnectionId,
    seen: i32,
    facts: &Facts,
    secret: &NewSecret,
    forget_test: bool,
) -> Result<(), AppError> {
    let (now, by, by_name) = (tx.now(), tx.actor().user(), tx.actor().name().to_owned());
    let row = diesel::update(connections::table.filter(connections::id.eq(id).and(connections::version.eq(seen))));
    let facts = (
        connections::name.eq(facts.name.as_str()),
        connections::direction.eq(facts.direction),
        connections::host.eq(&facts.host),
        connections::port.eq(i32::from(facts.port)),
        connections::path.eq(&facts.path),
        connections::region.eq(&facts.region),
        connections::bucket.eq(&facts.bucket),
        connections::prefix.eq(&facts.prefix),
        connections::auth.eq(facts.auth),
        connections::username.eq(&facts.username),
        connections::host_key.eq(&facts.host_key),
        connections::version.eq(seen + 1),
        connections::updated_at.eq(now),
        connections::updated_by.eq(by),
        connections::updated_by_name.eq(by_name),
    );
    let untested = forget_test.then_some((
        connections::test_state.eq(TestState::Untested),
        connections::test_words.eq(""),
        connections::tested_at.eq(None::<DateTime<Utc>>),
        connections::tested_by_name.eq(""),
    ));
    let put = |sealed: Option<&Sealed>| {
        (
            connections::secret.eq(sealed.map(|one| one.bytes.clone())),
            connections::secret_key_id.eq(sealed.map(|one| one.key_id.clone())),
        )
    };
    let secret = match secret {
        NewSecret::Keep => None,
        NewSecret::Clear => Some(put(None)),
        NewSecret::Put(sealed) => Some(put(Some(sealed))),
    };
    let saved = row.set((facts, untested, secret)).execute(tx.conn()).map_err(mapped)?;
    if saved == 1 { Ok(()) } else { Err(stale(tx, id)) }
}

/// The conflict of a stale edit: who was faster.
fn stale(tx: &mut ReadTx<'_>, id: ConnectionId) -> AppError {
    let found: Result<(String, i32), DieselError> = visible(tx)
        .filter(connections::id.eq(id))
        .select((connections::updated_by_name, connections::version))
        .first(tx.conn());
    match found {
        Ok((by, version)) => AppError::Conflict(format!(
            "{by} changed this connection meanwhile (it is at version {version} now), so nothing was saved."
        )),
        Err(cause) => cause.into(),
    }
}

/// Stores how a test ended, if what was tested is still what is stored.
///
/// # Errors
/// [`AppError::Conflict`] when it was edited meanwhile.
pub fn save_test<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    connection: &Connection,
    outcome: &Outcome,
) -> Result<(), AppError> {
    let (now, by_name) = (tx.now(), tx.actor().name().to_owned());
    let row = connections::id.eq(connection.id).and(connections::version.eq(connection.version));
    let saved = diesel::update(connections::table.filter(row))
        .set((
            connections::test_state.eq(outcome.state),
            connections::test_words.eq(&outcome.words),
            connections::tested_at.eq(now),
            connections::tested_by_name.eq(by_name),
        ))
        .execute(tx.conn())?;
    if saved == 1 { Ok(()) } else { Err(stale(tx, connection.id)) }
}

/// Removes a connection, if it is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] when something began to use it.
pub fn remove<P: Permission>(tx: &mut WriteTx<'_, P>, id: ConnectionId, seen: i32) -> Result<(), AppError> {
    let row = connections::id.eq(id).and(connections::version.eq(seen));
    match diesel::delete(connections::table.filter(row)).execute(tx.conn()) {
        Ok(1) => Ok(()),
        Ok(_) => Err(stale(tx, id)),
        // Something got it in this very moment.
        Err(DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _)) => {
            Err(AppError::Refused("Something uses this connection now. Look at it again.".into()))
        }
        Err(error) => Err(error.into()),
    }
}

/// The encrypted credentials of a connection that was found in scope; none when it has none.
///
/// # Errors
/// [`AppError::NotFound`] when it was removed or edited meanwhile.
pub fn sealed(tx: &mut SystemTx<'_>, connection: &Connection) -> Result<Option<Sealed>, AppError> {
    let (secret, key_id): (Option<Vec<u8>>, Option<String>) = connections::table
        .filter(connections::id.eq(connection.id).and(connections::version.eq(connection.version)))
        .select((connections::secret, connections::secret_key_id))
        .first(tx.conn())?;
    Ok(secret.zip(key_id).map(|(bytes, key_id)| Sealed { bytes, key_id }))
}

/// Some credentials, of any program, that were encrypted by another key than this one; after an id, in order.
///
/// # Errors
/// When the database does not answer.
pub fn sealed_otherwise(
    tx: &mut SystemTx<'_>,
    key_id: &str,
    after: Option<ConnectionId>,
) -> Result<Vec<(ConnectionId, Sealed)>, AppError> {
    let mut rows = connections::table.filter(connections::secret_key_id.ne(key_id)).into_boxed();
    if let Some(after) = after {
        rows = rows.filter(connections::id.gt(after));
    }
    let rows: Vec<(ConnectionId, Option<Vec<u8>>, Option<String>)> = rows
        .order(connections::id)
        .select((connections::id, connections::secret, connections::secret_key_id))
        .limit(500)
        .load(tx.conn())?;
    let whole = |(id, bytes, key_id): (ConnectionId, Option<Vec<u8>>, Option<String>)| {
        Some((id, Sealed { bytes: bytes?, key_id: key_id? }))
    };
    Ok(rows.into_iter().filter_map(whole).collect())
}

/// Puts the same credentials, encrypted anew, in place of what is stored, unless somebody replaced them meanwhile.
///
/// # Errors
/// When the database does not answer.
pub fn seal_anew(tx: &mut SystemTx<'_>, id: ConnectionId, old: &Sealed, new: &Sealed) -> Result<usize, AppError> {
    let row = connections::id.eq(id).and(connections::secret.eq(&old.bytes));
    Ok(diesel::update(connections::table.filter(row))
        .set((connections::secret.eq(&new.bytes), connections::secret_key_id.eq(&new.key_id)))
        .execute(tx.conn())?)
}

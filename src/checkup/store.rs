//! All SQL of the check but the invariants: about the server and the database as a whole, as the owner of its tables.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz};

use crate::db::SystemTx;
use crate::web::error::AppError;

/// The server's clock, not that of the transaction's beginning.
///
/// # Errors
/// When the database does not answer.
pub fn clock(tx: &mut SystemTx<'_>) -> Result<DateTime<Utc>, AppError> {
    Ok(diesel::dsl::sql::<Timestamptz>("SELECT clock_timestamp()").get_result(tx.conn())?)
}

/// The server's version, as it numbers itself.
///
/// # Errors
/// When the database does not answer.
pub fn server(conn: &mut PgConnection) -> QueryResult<i32> {
    diesel::dsl::sql::<Integer>("SELECT current_setting('server_version_num')::integer").get_result(conn)
}

/// Connections that the server takes from ordinary users.
///
/// # Errors
/// When the database does not answer.
pub fn connections(conn: &mut PgConnection) -> QueryResult<i32> {
    let query = "SELECT current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer";
    diesel::dsl::sql::<Integer>(query).get_result(conn)
}

/// What the portal's user and the roles of pages may.
#[derive(QueryableByName)]
pub struct Rights {
    /// The portal's user.
    #[diesel(sql_type = Text)]
    pub own: String,
    /// A role that it cannot take on.
    #[diesel(sql_type = Nullable<Text>)]
    pub closed: Option<String>,
    /// A table whose policies do nothing.
    #[diesel(sql_type = Nullable<Text>)]
    pub bare: Option<String>,
    /// Tables with row-level security.
    #[diesel(sql_type = BigInt)]
    pub guarded: i64,
}

/// Looks at them.
///
/// # Errors
/// When the database does not answer.
pub fn rights(conn: &mut PgConnection) -> QueryResult<Rights> {
    diesel::sql_query(
        "SELECT current_user::text AS own,
           (SELECT min(r) FROM unnest(ARRAY['portico_partner', 'portico_host']) r WHERE NOT pg_has_role(r, 'MEMBER')) AS closed,
           (SELECT min(c.relname)::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relrowsecurity
              AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)) AS bare,
           (SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity) AS guarded",
    )
    .get_result(conn)
}

/// How many secrets a key encrypted.
#[derive(QueryableByName)]
pub struct Sealed {
    /// Of authenticator apps, which name keys in a way of their own.
    #[diesel(sql_type = Bool)]
    pub is_factor: bool,
    /// The key's name.
    #[diesel(sql_type = Text)]
    pub key_id: String,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

/// Counts what is encrypted, by table and key.
///
/// # Errors
/// When the database does not answer.
pub fn sealed(tx: &mut SystemTx<'_>) -> Result<Vec<Sealed>, AppError> {
    Ok(diesel::sql_query(
        "SELECT false AS is_factor, secret_key_id AS key_id, count(*) FROM connections WHERE secret IS NOT NULL GROUP BY 2
         UNION ALL SELECT false, secret_key_id, count(*) FROM integration_credentials GROUP BY 2
         UNION ALL SELECT true, key_id, count(*) FROM second_factors GROUP BY 2",
    )
    .load(tx.conn())?)
}

/// How many rows break a rule, and one of them.
#[derive(QueryableByName)]
pub struct Broken {
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    /// The first.
    #[diesel(sql_type = Nullable<Text>)]
    pub first: Option<String>,
}

/// Counts the rows that a query of one column of text finds.
///
/// # Errors
/// When the database does not answer.
pub fn broken(tx: &mut SystemTx<'_>, query: &str) -> Result<Broken, AppError> {
    let counted = format!("SELECT count(*), min(found) AS first FROM ({query}) AS all_of_them (found)");
    Ok(diesel::sql_query(counted).get_result(tx.conn())?)
}

/// Lets what follows read tables through.
///
/// # Errors
/// When the database does not answer.
pub fn patient(tx: &mut SystemTx<'_>) -> Result<(), AppError> {
    diesel::sql_query("SET LOCAL statement_timeout = '60s'").execute(tx.conn())?;
    Ok(())
}

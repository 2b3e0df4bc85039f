//! All SQL of a large demo: rows are copied into tables whose indexes and foreign keys were set aside, and both are
//! made again from their own definitions. Making them again checks every row.

mod rows;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

pub use rows::{
    Activity, Assignment, Campaign, Connection, Integration, Link, Membership, Message, Partner, Product, Run,
    Submission, Tenant, Thread, User, Version,
};

use crate::db::SystemTx;
use crate::db::ids::{PartnerTypeId, ProgramId, TierId, UserId};
use crate::db::schema;
use crate::web::error::AppError;

macro_rules! batch {
    ($($(#[$doc:meta])* $field:ident: $row:ty),* $(,)?) => {
        /// Rows of any tables that go in together.
        #[derive(Default)]
        pub struct Batch { $($(#[$doc])* pub $field: Vec<$row>),* }

        impl Batch {
            /// How many they are.
            pub fn count(&self) -> u64 {
                [$(self.$field.len()),*].iter().sum::<usize>() as u64
            }
        }

        /// The tables that are filled.
        const TABLES: &[&str] = &[$(stringify!($field)),*];

        /// Copies rows into their tables.
        ///
        /// # Errors
        /// When a rule of the database refuses one.
        pub fn copy(tx: &mut SystemTx<'_>, batch: Batch) -> Result<(), AppError> {
            $(if !batch.$field.is_empty() {
                diesel::copy_from(schema::$field::table).from_insertable(batch.$field).execute(tx.conn())?;
            })*
            Ok(())
        }
    };
}

batch! {
    /// People.
    users: User,
    /// Partners.
    partners: Partner,
    /// Their memberships.
    memberships: Membership,
    /// Connections.
    connections: Connection,
    /// Integrations.
    integrations: Integration,
    /// What was submitted of them.
    integration_submissions: Submission,
    /// What was published of them.
    integration_versions: Version,
    /// Feedback on them.
    feedback_threads: Thread,
    /// What is written in it.
    feedback_messages: Message,
    /// Tenants.
    tenants: Tenant,
    /// Their runs.
    tenant_runs: Run,
    /// Products.
    products: Product,
    /// Campaigns.
    campaigns: Campaign,
    /// Partners in campaigns.
    campaign_partners: Link,
    /// Tiers that they ask for.
    tier_assignments: Assignment,
    /// What happened.
    activity: Activity,
    /// Its places in the audit log's chain.
    activity_chain: crate::audit::store::Link,
}

#[derive(QueryableByName)]
struct Set {
    #[diesel(sql_type = Text)]
    aside: String,
    #[diesel(sql_type = Text)]
    again: String,
}

/// Statements that make again what was set aside.
pub struct Aside(Vec<String>);

/// What can be set aside and made again: indexes that no constraint has, foreign keys, and exclusion constraints.
const ASIDE: &str = "
  SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname) AS aside,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) AS again
  FROM pg_constraint c
  WHERE c.contype IN ('f', 'x') AND c.conrelid = ANY($1::regclass[])
  UNION ALL
  SELECT format('DROP INDEX %s', i.indexrelid::regclass), replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
  FROM pg_index i
  WHERE i.indrelid = ANY($1::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
  ORDER BY again DESC";

/// Sets indexes and foreign keys of the tables aside, until the end of the transaction at the most.
///
/// # Errors
/// When the database does not answer, or somebody else uses the tables.
pub fn set_aside(tx: &mut SystemTx<'_>) -> Result<Aside, AppError> {
    tx.conn().batch_execute(
        "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
         SET LOCAL maintenance_work_mem = '256MB'; SET LOCAL work_mem = '64MB'",
    )?;
    let tables: Vec<String> = TABLES.iter().map(|table| (*table).to_owned()).collect();
    let found: Vec<Set> = diesel::sql_query(ASIDE).bind::<diesel::sql_types::Array<Text>, _>(tables).load(tx.conn())?;
    for one in &found {
        tx.conn().batch_execute(&one.aside)?;
    }
    // "CREATE …" sorts after "ALTER …": the indexes of foreign keys' targets are there before the keys.
    Ok(Aside(found.into_iter().map(|one| one.again).collect()))
}

impl Aside {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// Makes all of it again, and says so after each.
    ///
    /// # Errors
    /// When a row breaks a rule.
    pub fn make_again(&self, tx: &mut SystemTx<'_>, mut made: impl FnMut()) -> Result<(), AppError> {
        for statement in &self.0 {
            tx.conn().batch_execute(statement)?;
            made();
        }
        Ok(())
    }
}

/// What a large program is built on: the demo's own.
pub struct Ground {
    /// The program.
    pub program: ProgramId,
    /// Its partner types.
    pub types: Vec<PartnerTypeId>,
    /// Its tiers, the highest first.
    pub tiers: Vec<TierId>,
    /// Its people by address: their ids and names.
    pub people: Vec<(String, UserId, String)>,
}

/// Finds the demo's program by its code, and its people among all by their addresses.
///
/// # Errors
/// When it is not there.
pub fn ground(tx: &mut SystemTx<'_>, code: &str, addresses: &[&str]) -> Result<Ground, AppError> {
    use schema::{partner_types, programs, tiers, users};
    let program: ProgramId = programs::table.filter(programs::code.eq(code)).select(programs::id).first(tx.conn())?;
    let types = partner_types::table
        .filter(partner_types::program_id.eq(program).and(partner_types::key.ne("internal")))
        .order(partner_types::position)
        .select(partner_types::id)
        .load(tx.conn())?;
    let tiers = tiers::table
        .filter(tiers::program_id.eq(program))
        .order(tiers::precedence)
        .select(tiers::id)
        .load(tx.conn())?;
    let people = users::table
        .filter(users::email.eq_any(addresses))
        .select((users::email, users::id, users::name))
        .load(tx.conn())?;
    Ok(Ground { program, types, tiers, people })
}

/// Says that the program's reminders of the day were made: nobody is to get a thousand letters of a demo.
///
/// # Errors
/// When the database does not answer.
pub fn remind_nobody_today(tx: &mut SystemTx<'_>, program: ProgramId) -> Result<(), AppError> {
    use schema::programs;
    let today = tx.now().date_naive();
    diesel::update(programs::table.find(program)).set(programs::reminded_on.eq(today)).execute(tx.conn())?;
    Ok(())
}

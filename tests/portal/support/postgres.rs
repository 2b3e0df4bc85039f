//! One scratch Postgres for every test of this machine, a template made once, and a copy of it for each test.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, OnceLock};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use portico::access::password;
use portico::db::embedded::Embedded;
use portico::db::{migrations, plain_connection};
use sha2::{Digest, Sha256};

use super::world::{PASSWORD, WORLD};

/// Templates that are kept: other working copies of the source have other migrations.
const KEPT_TEMPLATES: usize = 6;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("portal-postgres")
}

/// The server. This process counts among its users until it ends; then the keeper stops it, unless another test
/// process still uses it.
static SERVER: LazyLock<Embedded> = LazyLock::new(|| {
    fs::create_dir_all(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let server = Embedded::start_scratch(&folder(), None).expect("a scratch Postgres");
    let keeper = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "support::postgres::keeper"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Its standard input stays open as long as this process lives.
    static KEEPER: OnceLock<std::process::Child> = OnceLock::new();
    KEEPER.set(keeper).unwrap();
    server
});

#[test]
#[ignore = "outlives the tests, to stop their Postgres"]
fn keeper() {
    let server = Embedded::start_scratch(&folder(), None).unwrap();
    std::io::stdin().lines().for_each(drop);
    server.stop().unwrap();
}

/// A connection to the server, to make and drop databases.
pub fn administrator() -> PgConnection {
    plain_connection(&SERVER.url_of("postgres")).unwrap()
}

fn texts(conn: &mut PgConnection, query: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        value: String,
    }
    let lines: Vec<Line> = diesel::sql_query(format!("SELECT value::text FROM ({query}) AS q (value)"))
        .load(conn)
        .unwrap_or_else(|cause| panic!("{query}: {cause}"));
    lines.into_iter().map(|line| line.value).collect()
}

/// Everything that the template depends on, as part of its name.
fn fingerprint() -> String {
    let mut hasher = Sha256::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders {
        hasher.update(folder.file_name().unwrap().as_encoded_bytes());
        hasher.update(fs::read(folder.join("up.sql")).unwrap());
    }
    hasher.update(WORLD);
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The name of the migrated and filled template, made by the first who asks.
static TEMPLATE: LazyLock<String> = LazyLock::new(|| {
    LazyLock::force(&SERVER);
    let name = format!("world_{}", fingerprint());
    let lock = File::create(folder().join("template.lock")).unwrap();
    lock.lock().unwrap();
    let mut conn = administrator();
    tidy(&mut conn, &name);
    if !texts(&mut conn, "SELECT datname FROM pg_database").contains(&name) {
        let half = format!("{name}_half");
        conn.batch_execute(&format!("DROP DATABASE IF EXISTS {half} WITH (FORCE)")).unwrap();
        conn.batch_execute(&format!("CREATE DATABASE {half}")).unwrap();
        fill(&mut plain_connection(&SERVER.url_of(&half)).unwrap());
        conn.batch_execute(&format!("ALTER DATABASE {half} RENAME TO {name}")).unwrap();
    }
    name
});

fn fill(conn: &mut PgConnection) {
    migrations::run(conn).unwrap();
    let hash = password::hash_now(PASSWORD).unwrap();
    conn.batch_execute(&WORLD.replace(":hash", &format!("'{hash}'"))).unwrap();
    conn.batch_execute("ANALYZE").unwrap();
}

/// Drops what killed test processes left behind, and old templates.
fn tidy(conn: &mut PgConnection, present: &str) {
    let all = texts(conn, "SELECT datname FROM pg_database ORDER BY oid DESC");
    let dead = |name: &&String| {
        let pid = name.strip_prefix("test_").and_then(|rest| rest.split('_').next());
        pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists())
    };
    let old = all.iter().filter(|name| name.starts_with("world_") && *name != present).skip(KEPT_TEMPLATES);
    for name in all.iter().filter(dead).chain(old) {
        conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).ok();
    }
}

/// A database of one test; dropped with it.
pub struct Database {
    name: String,
    /// Kept open: a look at the database must cost little.
    present: Mutex<Option<PgConnection>>,
}

impl Database {
    /// A copy of the world.
    pub fn new() -> Database {
        Database::copied(&TEMPLATE)
    }

    /// One with nothing in it, not even tables.
    pub fn empty() -> Database {
        LazyLock::force(&SERVER);
        Database::copied("template0")
    }

    fn copied(template: &str) -> Database {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        administrator().batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).unwrap();
        Database { name, present: Mutex::default() }
    }

    /// Its address.
    pub fn url(&self) -> String {
        SERVER.url_of(&self.name)
    }

    /// A connection as the owner of the tables.
    pub fn connect(&self) -> PgConnection {
        plain_connection(&self.url()).unwrap()
    }

    fn with<T>(&self, work: impl FnOnce(&mut PgConnection) -> T) -> T {
        let mut present = self.present.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        work(present.get_or_insert_with(|| self.connect()))
    }

    /// Runs statements as the owner of the tables.
    pub fn run(&self, statements: &str) {
        self.try_run(statements).unwrap_or_else(|cause| panic!("{statements}: {cause}"));
    }

    /// The same, for statements that may be refused: then the server's words.
    pub fn try_run(&self, statements: &str) -> Result<(), String> {
        self.with(|conn| conn.batch_execute(statements).map_err(|cause| cause.to_string()))
    }

    /// The only column of a query, as text; null is empty.
    pub fn values(&self, query: &str) -> Vec<String> {
        self.with(|conn| texts(conn, &format!("SELECT coalesce(v::text, '') FROM ({query}) AS inside (v)")))
    }

    /// The only value of a query.
    pub fn value(&self, query: &str) -> String {
        let mut values = self.values(query);
        assert_eq!(values.len(), 1, "{query}");
        values.remove(0)
    }

    /// Puts copies of all rows aside, for [`Database::restore`].
    pub fn save(&self) {
        self.run("DROP SCHEMA IF EXISTS saved CASCADE; CREATE SCHEMA saved");
        for (table, columns) in self.columns() {
            self.run(&format!("CREATE TABLE saved.{table} AS SELECT {columns} FROM {table}"));
        }
    }

    /// Brings back the rows that were saved, past every trigger.
    pub fn restore(&self) {
        let each = self.columns().into_iter().map(|(table, columns)| {
            format!("DELETE FROM {table}; INSERT INTO {table} ({columns}) SELECT {columns} FROM saved.{table};")
        });
        let all: String = each.collect();
        self.run(&format!("BEGIN; SET LOCAL session_replication_role = replica; {all} COMMIT"));
    }

    /// Every table with its columns that can be written.
    fn columns(&self) -> Vec<(String, String)> {
        let lines = self.values(
            "SELECT c.relname || ' ' || string_agg(a.attname, ', ') FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND attnum > 0 AND NOT attisdropped \
               AND attgenerated = '' AND c.relname <> '__diesel_schema_migrations' GROUP BY c.relname",
        );
        lines.iter().filter_map(|line| line.split_once(' ')).map(|(table, rest)| (table.into(), rest.into())).collect()
    }

    /// A hash of each table's content. What every request may write is left out: tries, and when somebody was seen.
    pub fn snapshot(&self) -> Snapshot {
        self.with(snapshot)
    }
}

fn snapshot(conn: &mut PgConnection) -> Snapshot {
    let tables = texts(
        conn,
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1",
    );
    let hashes: Vec<String> = tables
        .iter()
        .filter(|table| *table != "attempts")
        .map(|table| {
            let but = match table.as_str() {
                "sessions" => "- 'last_seen_at' - 'state'",
                "users" => "- 'last_seen_at'",
                _ => "",
            };
            format!(
                "SELECT '{table} ' || count(*) || ' ' || md5(coalesce(string_agg(line, E'\\n' ORDER BY line), '')) \
                     FROM (SELECT (to_jsonb(t) {but})::text AS line FROM {table} t) AS lines"
            )
        })
        .collect();
    // In one order: the server may read many tables side by side.
    let mut lines = texts(conn, &hashes.join(" UNION ALL "));
    lines.sort();
    Snapshot(lines)
}

impl Drop for Database {
    fn drop(&mut self) {
        administrator().batch_execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).ok();
    }
}

/// What a database held at one moment; two compare equal when nothing changed in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot(Vec<String>);

impl Snapshot {
    /// The tables that differ, as `name rows hash`.
    pub fn differences(&self, later: &Snapshot) -> Vec<String> {
        later.0.iter().filter(|line| !self.0.contains(line)).cloned().collect()
    }
}

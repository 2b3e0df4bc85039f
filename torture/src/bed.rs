//! What every program lies on: a scratch PostgreSQL with the demo in it, and a folder that goes away with it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard};

use crate::portal::{self, Portal};
use crate::postgres::{Postgres, Sql};

pub const PASSWORD: &str = "a torture of ten pages";
pub const HOST: &str = "ana.ferreira@solstice.example";
pub const PARTNER: &str = "misaki.tanaka@shinonome.example";
pub const REVIEWER: &str = "rita.carvalho@solstice.example";

pub struct Bed {
    pub binary: PathBuf,
    pub folder: PathBuf,
    pub sql: Sql,
    server: Mutex<Postgres>,
}

impl Bed {
    /// In a new folder; where none is named, one among the temporary ones.
    pub fn make(binary: &Path, folder: Option<PathBuf>) -> Result<Bed, String> {
        let binary = fs::canonicalize(binary).map_err(|cause| format!("{}: {cause}", binary.display()))?;
        let temporary = || std::env::temp_dir().join(format!("portico-torture-{}", std::process::id()));
        let folder = folder.unwrap_or_else(temporary);
        fs::create_dir_all(&folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
        // Root's server runs as another user, who must pass through.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o711)).ok();
        let postgres = Postgres::make(&folder.join("postgres")).inspect_err(|_| {
            fs::remove_dir_all(&folder).ok();
        })?;
        let bed = Bed { binary, folder, sql: postgres.sql.clone(), server: Mutex::new(postgres) };
        bed.query("postgres", "CREATE DATABASE demo")?;
        load_demo(&bed, &bed.sql)?;
        Ok(bed)
    }

    /// The server itself, to be hurt.
    pub fn server(&self) -> MutexGuard<'_, Postgres> {
        self.server.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// A copy of the demo for one program.
    pub fn database(&self, name: &str) -> Result<(), String> {
        self.query("postgres", &format!("CREATE DATABASE {name} TEMPLATE demo")).map(drop)
    }

    pub fn query(&self, database: &str, text: &str) -> Result<String, String> {
        self.sql.query(database, text)
    }

    pub fn count(&self, database: &str, text: &str) -> Result<i64, String> {
        self.sql.count(database, text)
    }

    pub fn url(&self, database: &str) -> String {
        self.sql.url(database)
    }

    /// The program on a database; its log and its files go into the folder of this name.
    pub fn command(&self, name: &str, url: &str) -> Command {
        portal::command(&self.binary, &self.folder.join(name), url)
    }

    pub fn start(&self, name: &str, command: &mut Command) -> Result<Portal, String> {
        Portal::start(command, &self.folder.join(format!("{name}.log")))
    }
}

/// A partner may invite fifty people a day: here each is of another day.
const OTHER_DAYS: &str = "CREATE FUNCTION torture_other_day() RETURNS trigger LANGUAGE plpgsql AS \
     $$ BEGIN NEW.created_at := NEW.created_at - interval '2 days'; RETURN NEW; END $$; \
     CREATE TRIGGER torture_other_day BEFORE INSERT ON invitations FOR EACH ROW EXECUTE FUNCTION torture_other_day()";

/// The demo's program and people in the database `demo`, with the password of this run.
pub fn load_demo(bed: &Bed, sql: &Sql) -> Result<(), String> {
    let url = sql.url("demo");
    for words in [&["migrate", "run"][..], &["demo", "--password", PASSWORD]] {
        let mut command = bed.command("demo", &url);
        // The story is told on whatever machine, however busy.
        command.env("PORTICO_DATABASE__STATEMENT_SECONDS", "60");
        let status = command.args(words).stdout(Stdio::null()).status().map_err(|cause| cause.to_string())?;
        if !status.success() {
            return Err(format!("portico {} failed", words.join(" ")));
        }
    }
    sql.query("demo", OTHER_DAYS).map(drop)
}

impl Drop for Bed {
    fn drop(&mut self) {
        self.server().stop();
        fs::remove_dir_all(&self.folder).ok();
    }
}

//! A private PostgreSQL for a portal that was given no database server.
//!
//! Trying Portico must not start with "first set up PostgreSQL". So when no database is
//! configured, the portal makes its own cluster beside its data with the server programs of the
//! machine, reachable through one Unix socket in a private folder and never over the network.
//!
//! **The rule kept here: one data folder, one server, no matter how many Portico processes come,
//! go or are killed, and what was committed is still there afterwards.** How:
//!
//! - Every process using the cluster holds a *shared* lock on `postgres.users`. Whoever, on
//!   leaving, can turn its own into the *exclusive* one was the last, and stops the server.
//! - Looking, starting and stopping happen only while holding `postgres.start`, so one process
//!   cannot stop the server between another's "it answers" and its first query.
//! - The kernel drops the locks of a killed process. The server it leaves behind is adopted by
//!   the next one, or started again if it is dead too.
//! - A new cluster is built under another name and renamed when complete: a half-made one is
//!   never taken for a database.
//!
//! ```text
//! <data>/                    PORTICO_DATA; also uploads, mail, the secret key
//!   postgres.start           lock: taking turns
//!   postgres.users           lock: who uses the server
//!   postgres-is-at           only if the folder below had to be elsewhere (see `home.rs`)
//!   postgres/
//!     cluster/               PostgreSQL's own folder
//!     socket/                the only way in; mode 0700
//!     server.log
//! ```
//!
//! `binaries.rs` finds the server programs, `account.rs` chooses the user they run as,
//! `home.rs` the folders they use, `settings.rs` what they are told. `postmaster.rs` knows whether
//! a server exists, and `cluster.rs` puts it all together.

mod account;
mod binaries;
mod cluster;
mod home;
mod postmaster;
mod settings;

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

pub use binaries::find_binaries;
use cluster::Cluster;
use settings::Tuning;

/// The database every portal uses inside its private cluster.
const DATABASE: &str = "portico";

/// How long to wait for another Portico process that is starting or stopping the server. Longer
/// than either is allowed to take.
const TURN_TIMEOUT: Duration = Duration::from_secs(150);

/// Where the private cluster lives and which server programs run it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The portal's data folder (`PORTICO_DATA`). Made when missing.
    pub data: PathBuf,
    /// The folder of `postgres`, `initdb`, `pg_ctl` and `psql` (`PORTICO_POSTGRES_BIN`); looked
    /// for in the usual places when absent.
    pub postgres_bin: Option<PathBuf>,
}

/// One use of the private cluster. The server runs at least as long as this value lives.
///
/// Dropping it is the same as [`Embedded::stop`], with the error logged instead of returned. A
/// process that ends without dropping it (`std::process::exit`, `kill -9`) leaves the server
/// running; the next Portico process on the same data folder takes it over.
#[derive(Debug)]
pub struct Embedded {
    data: PathBuf,
    cluster: Cluster,
    /// `None` once released.
    locks: Option<Locks>,
}

impl Embedded {
    /// Starts the server of this place, making the cluster first if there is none, or adopts the
    /// server that is already running. Returns when the database accepts connections.
    pub fn start(place: &Place) -> Result<Embedded> {
        Embedded::begin(&place.data, place.postgres_bin.as_deref(), Tuning::Durable)
    }

    /// The same for tests and benchmarks: roomier, faster, and **not** safe against power loss.
    /// Many processes and threads may share one; see [`Embedded::leave_running`].
    pub fn start_scratch(dir: &Path, postgres_bin: Option<PathBuf>) -> Result<Embedded> {
        Embedded::begin(dir, postgres_bin.as_deref(), Tuning::Scratch)
    }

    /// The URL of the portal's database, for libpq and Diesel.
    pub fn url(&self) -> String {
        self.url_of(DATABASE)
    }

    /// The URL of another database in the same cluster. It need not exist yet.
    pub fn url_of(&self, database: &str) -> String {
        self.cluster.url(database)
    }

    /// The portal's data folder, absolute: where it keeps its other files too.
    ///
    /// When the portal runs as root, other users may pass through this folder (the server must
    /// reach its own one inside), so files with secrets need a mode of their own.
    pub fn data_dir(&self) -> &Path {
        &self.data
    }

    /// Ends this use of the cluster, and the server with it if nobody else uses it.
    pub fn stop(mut self) -> Result<()> {
        self.release()
    }

    /// Ends this use of the cluster and leaves the server running for whoever comes next.
    pub fn leave_running(mut self) {
        self.locks = None;
    }

    fn begin(data: &Path, postgres_bin: Option<&Path>, tuning: Tuning) -> Result<Embedded> {
        // Before any folder is made: without PostgreSQL, nothing is to be left behind.
        let newest = find_binaries(postgres_bin)?;
        let data = make_data_folder(data)?;
        let locks = Locks::open(&data)?;
        let turn = locks.take_turn()?;
        locks.join()?;
        let cluster = Cluster::open(&data, postgres_bin, newest, tuning)?;
        cluster.ensure_serving(DATABASE)?;
        drop(turn);
        Ok(Embedded { data, cluster, locks: Some(locks) })
    }

    fn release(&mut self) -> Result<()> {
        let Some(locks) = self.locks.take() else {
            return Ok(());
        };
        let _turn = locks.take_turn()?;
        if locks.last_one_out()? {
            self.cluster.stop()?;
        }
        Ok(())
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if let Err(error) = self.release() {
            tracing::warn!("could not stop the private PostgreSQL: {error:#}");
        }
    }
}

/// The two lock files of a data folder. They are never deleted: a deleted lock file can be held
/// by one process while another creates and locks its successor.
#[derive(Debug)]
struct Locks {
    start: File,
    users: File,
}

impl Locks {
    fn open(data: &Path) -> Result<Locks> {
        Ok(Locks { start: open_lock(data, "postgres.start")?, users: open_lock(data, "postgres.users")? })
    }

    /// Waits until no other process is starting or stopping the server.
    fn take_turn(&self) -> Result<Turn<'_>> {
        let begun = Instant::now();
        let mut said = false;
        loop {
            match self.start.try_lock() {
                Ok(()) => return Ok(Turn(&self.start)),
                Err(TryLockError::Error(error)) => {
                    return Err(error).context("cannot lock postgres.start");
                }
                Err(TryLockError::WouldBlock) => {}
            }
            if !said && begun.elapsed() > Duration::from_secs(2) {
                tracing::info!("waiting for another Portico process that starts or stops PostgreSQL");
                said = true;
            }
            if begun.elapsed() > TURN_TIMEOUT {
                bail!("another Portico process keeps postgres.start locked");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Counts this process among the users. Never waits long: the exclusive lock exists only
    /// within somebody's turn.
    fn join(&self) -> Result<()> {
        self.users.lock_shared().context("cannot lock postgres.users")
    }

    /// Stops counting this process among the users and says whether it was the last. To be
    /// called within a turn, so that nobody joins in between.
    fn last_one_out(&self) -> Result<bool> {
        self.users.unlock().context("cannot unlock postgres.users")?;
        match self.users.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error).context("cannot lock postgres.users"),
        }
    }
}

impl Drop for Locks {
    fn drop(&mut self) {
        // Closing would unlock as well, but not while a child that another thread is just
        // starting still holds a copy of the file. An error leaves it to the closing.
        let _ = self.users.unlock();
    }
}

/// The exclusive right to look at, start or stop the server.
struct Turn<'a>(&'a File);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // As for `Locks`.
        let _ = self.0.unlock();
    }
}

fn open_lock(data: &Path, name: &str) -> Result<File> {
    let path = data.join(name);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("cannot open {} (was it made by another user?)", path.display()))?;
    // `sudo portico user list` must not lock the owner of the folder out of the next start.
    let (mine, folder) = (file.metadata()?, fs::metadata(data)?);
    if account::is_root() && mine.uid() != folder.uid() {
        std::os::unix::fs::fchown(&file, Some(folder.uid()), Some(folder.gid()))?;
    }
    Ok(file)
}

/// Makes the data folder if it is missing and returns its absolute path without symbolic links,
/// so that every process means the same folder.
fn make_data_folder(data: &Path) -> Result<PathBuf> {
    let cannot = || format!("cannot make the data folder {}", data.display());
    if !data.exists() {
        if let Some(parent) = data.parent() {
            fs::create_dir_all(parent).with_context(cannot)?;
        }
        // Root's server runs as another user, who must pass through but need not look around.
        let mode = if account::is_root() { 0o711 } else { 0o700 };
        match DirBuilder::new().mode(mode).create(data) {
            // Again, because the umask may have taken something away.
            Ok(()) => fs::set_permissions(data, fs::Permissions::from_mode(mode)).with_context(cannot)?,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(cannot),
        }
    }
    fs::canonicalize(data).with_context(cannot)
}

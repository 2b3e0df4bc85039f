//! The private PostgreSQL: that it comes up, keeps what it was given, and survives whatever may
//! happen to it or to the portal.

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use portico::db::embedded::{Embedded, Place, find_binaries};
use tempfile::TempDir;

/// A folder that every user may pass through. Run by root, the server is another user.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn place(folder: &TempDir) -> Place {
    Place { data: folder.path().join("data"), postgres_bin: None }
}

/// Most tests need no durable server, and a scratch one is made much faster.
fn scratch(folder: &TempDir) -> Embedded {
    Embedded::start_scratch(&folder.path().join("data"), None).unwrap()
}

fn try_sql(url: &str, statement: &str) -> Result<String, String> {
    let psql = find_binaries(None).unwrap().join("psql");
    let output = Command::new(psql).args(["-XqAt", url, "-c", statement]).output().unwrap();
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout).unwrap().trim().to_owned()),
        false => Err(String::from_utf8(output.stderr).unwrap()),
    }
}

fn sql(url: &str, statement: &str) -> String {
    try_sql(url, statement).unwrap()
}

/// Without the library: where the server says it is.
fn postmaster(embedded: &Embedded) -> String {
    let path = sql(&embedded.url(), "SHOW data_directory");
    let text = fs::read_to_string(Path::new(&path).join("postmaster.pid")).unwrap();
    text.lines().next().unwrap().to_owned()
}

fn kill_9(pid: &str) {
    // The shell's own `kill`: the program of that name is not everywhere.
    let script = format!("kill -9 {pid}");
    assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
}

/// Another Portico process using the same data folder, until it is killed.
struct OtherProcess(Child, Lines<BufReader<ChildStdout>>);

impl OtherProcess {
    fn using(data: &Path) -> OtherProcess {
        let name = format!("{}::other_process", module_path!().split_once("::").unwrap().1);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", &name])
            .env("EMBEDDED_TEST_DATA", data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(said.any(|line| line.unwrap().contains("server is up")));
        OtherProcess(child, said)
    }

    /// Ends it in good order: it stops when nobody holds its standard input.
    fn finish(mut self) {
        drop(self.0.stdin.take());
        self.1.for_each(drop);
        assert!(self.0.wait().unwrap().success());
    }

    fn kill_9(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
#[ignore = "the other process; started by the tests below"]
fn other_process() {
    let data = PathBuf::from(std::env::var_os("EMBEDDED_TEST_DATA").unwrap());
    let embedded = Embedded::start_scratch(&data, None).unwrap();
    println!("\nserver is up");
    std::io::stdin().lines().for_each(drop);
    embedded.stop().unwrap();
}

#[test]
fn the_first_start_makes_a_database_and_the_next_one_keeps_it() {
    let folder = folder();
    let first = Embedded::start(&place(&folder)).unwrap();
    assert_eq!(first.data_dir(), folder.path().join("data").canonicalize().unwrap());
    sql(&first.url(), "CREATE TABLE partner (name text); INSERT INTO partner VALUES ('Zażółć')");
    first.stop().unwrap();

    let second = Embedded::start(&place(&folder)).unwrap();
    assert_eq!(sql(&second.url(), "SELECT name FROM partner"), "Zażółć");
}

#[test]
fn settings_are_those_of_a_small_durable_server_without_network() {
    let folder = folder();
    let embedded = Embedded::start(&place(&folder)).unwrap();
    let show = |name: &str| sql(&embedded.url(), &format!("SHOW {name}"));
    assert_eq!(show("listen_addresses"), "");
    assert_eq!(show("fsync"), "on");
    assert_eq!(show("synchronous_commit"), "on");
    assert_eq!(show("server_encoding"), "UTF8");
    assert_eq!(show("timezone"), "UTC");
    assert_eq!(show("max_connections"), "100");

    // The sixth line of postmaster.pid is the address of a network port, if there is one.
    let cluster = PathBuf::from(show("data_directory"));
    let pid_file = fs::read_to_string(cluster.join("postmaster.pid")).unwrap();
    assert_eq!(pid_file.lines().nth(5).unwrap().trim(), "");

    let socket = cluster.parent().unwrap().join("socket");
    let mode = fs::metadata(socket).unwrap().mode();
    assert_eq!(mode & 0o777, 0o700, "only the server's user may enter the folder of the socket");
}

#[test]
fn another_database_has_a_url_too() {
    let folder = folder();
    let embedded = scratch(&folder);
    sql(&embedded.url(), "CREATE DATABASE \"of a test\"");
    assert_eq!(sql(&embedded.url_of("of a test"), "SELECT current_database()"), "of a test");
}

#[test]
fn nothing_is_lost_when_the_server_is_killed() {
    let folder = folder();
    let first = Embedded::start(&place(&folder)).unwrap();
    let url = first.url();
    sql(&url, "CREATE TABLE partner (name text); INSERT INTO partner VALUES ('Acme')");
    kill_9(&postmaster(&first));

    // The first user is still there, so this is also the start beside one whose server died.
    let second = Embedded::start(&place(&folder)).unwrap();
    assert_eq!(second.url(), url, "a portal whose server was restarted must find it again");
    assert_eq!(sql(&url, "SELECT name FROM partner"), "Acme");
    first.stop().unwrap();
    assert_eq!(sql(&url, "SELECT name FROM partner"), "Acme");
}

#[test]
fn the_server_of_a_killed_portal_is_adopted() {
    let folder = folder();
    let data = folder.path().join("data");
    let killed = OtherProcess::using(&data);
    killed.kill_9();

    let pid_file = data.join("postgres/cluster/postmaster.pid");
    let left_behind = fs::read_to_string(pid_file).unwrap();
    let adopted = scratch(&folder);
    assert_eq!(postmaster(&adopted), left_behind.lines().next().unwrap());
    let url = adopted.url();
    adopted.stop().unwrap();
    assert!(try_sql(&url, "SELECT 1").is_err(), "its last user stops it");
}

#[test]
fn a_number_that_now_belongs_to_another_process_does_not_matter() {
    let folder = folder();
    let first = scratch(&folder);
    let (url, pid) = (first.url(), postmaster(&first));
    let pid_file = folder.path().join("data/postgres/cluster/postmaster.pid");
    let text = fs::read_to_string(&pid_file).unwrap();
    first.stop().unwrap();

    // As after a reboot: ours if the server runs as the same user, otherwise root's first.
    let server_user = fs::metadata(pid_file.parent().unwrap()).unwrap().uid();
    let taken = match fs::metadata("/proc/self") {
        Ok(me) if me.uid() != server_user => 1,
        _ => std::process::id(),
    };
    fs::write(&pid_file, text.replacen(&pid, &taken.to_string(), 1)).unwrap();
    let second = scratch(&folder);
    assert_eq!(sql(&url, "SELECT 1"), "1");
    second.stop().unwrap();
}

#[test]
fn the_last_user_ends_the_server() {
    let folder = folder();
    let other = OtherProcess::using(&folder.path().join("data"));
    let first = scratch(&folder);
    let second = scratch(&folder);
    let url = first.url();

    first.stop().unwrap();
    assert_eq!(sql(&url, "SELECT 1"), "1");
    drop(second);
    assert_eq!(sql(&url, "SELECT 1"), "1");
    other.finish();
    assert!(try_sql(&url, "SELECT 1").is_err());
}

#[test]
fn a_server_left_running_serves_the_next_one() {
    let folder = folder();
    let first = scratch(&folder);
    let (url, pid) = (first.url(), postmaster(&first));
    first.leave_running();
    assert_eq!(sql(&url, "SHOW fsync"), "off");

    let second = scratch(&folder);
    assert_eq!(postmaster(&second), pid);
}

#[test]
fn any_number_may_come_and_go_at_the_same_time() {
    let folder = folder();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..4 {
                    let embedded = scratch(&folder);
                    assert_eq!(sql(&embedded.url(), "SELECT 1"), "1");
                    embedded.stop().unwrap();
                }
            });
        }
    });
    assert!(!folder.path().join("data/postgres/cluster/postmaster.pid").exists());
}

#[test]
fn the_path_may_be_long_and_strange() {
    let folder = folder();
    let data = folder.path().join("it's \"quoted\", $HOME \\ `id`").join("x".repeat(120));
    let embedded = Embedded::start_scratch(&data, None).unwrap();
    let url = embedded.url();
    assert_eq!(sql(&url, "SELECT 1"), "1");
    assert!(embedded.data_dir().ends_with("x".repeat(120)));
    embedded.stop().unwrap();

    let again = Embedded::start_scratch(&data, None).unwrap();
    assert_eq!(again.url(), url);
}

#[test]
fn missing_programs_are_one_clear_line() {
    let folder = folder();
    let place = Place { data: folder.path().join("data"), postgres_bin: Some(folder.path().to_owned()) };
    let said = format!("{:#}", Embedded::start(&place).unwrap_err());
    let expected = format!("PORTICO_POSTGRES_BIN is {}, but there is no `postgres` in it", folder.path().display());
    assert_eq!(said, expected);
    assert!(!place.data.exists(), "nothing is left behind");
}

#[test]
fn the_database_of_another_version_is_one_clear_line() {
    let folder = folder();
    scratch(&folder).stop().unwrap();
    let version = folder.path().join("data/postgres/cluster/PG_VERSION");
    fs::write(&version, "9\n").unwrap();

    let said = format!("{:#}", Embedded::start(&place(&folder)).unwrap_err());
    assert!(said.contains("was made by PostgreSQL 9, but here is only"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_failing_start_shows_what_the_server_said() {
    let folder = folder();
    scratch(&folder).stop().unwrap();
    let settings = folder.path().join("data/postgres/cluster/postgresql.auto.conf");
    fs::write(&settings, "shared_buffers = 'potato'\n").unwrap();

    let said = format!("{:#}", Embedded::start(&place(&folder)).unwrap_err());
    assert!(said.contains("potato"), "{said}");
}

#[test]
fn a_restored_copy_is_taken_as_it_comes() {
    let folder = folder();
    let first = scratch(&folder);
    sql(&first.url(), "CREATE TABLE partner AS SELECT 'Acme' AS name");
    first.stop().unwrap();
    let (from, to) = (folder.path().join("data"), folder.path().join("copy"));
    assert!(Command::new("cp").arg("-r").args([&from, &to]).status().unwrap().success());
    fs::set_permissions(to.join("postgres/cluster"), fs::Permissions::from_mode(0o755)).unwrap();

    let copy = Embedded::start_scratch(&to, None).unwrap();
    assert_eq!(sql(&copy.url(), "SELECT name FROM partner"), "Acme");
}

/// Root's server runs as another user. Data in root's own closed folders gets its database
/// elsewhere, and finds it again.
#[test]
fn data_the_server_cannot_reach_gets_its_database_elsewhere() {
    let closed = tempfile::tempdir().unwrap();
    if fs::metadata(closed.path()).unwrap().uid() != 0 {
        return;
    }
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let first = scratch(&closed);
    sql(&first.url(), "CREATE TABLE partner AS SELECT 'Acme' AS name");
    first.stop().unwrap();
    let note = closed.path().join("data/postgres-is-at");
    let elsewhere = PathBuf::from(fs::read_to_string(&note).unwrap().trim());
    assert!(elsewhere.starts_with("/var/lib/portico"));

    let second = scratch(&closed);
    assert_eq!(sql(&second.url(), "SELECT name FROM partner"), "Acme");
    second.stop().unwrap();

    // A copy would lead to the same database.
    let copy = closed.path().join("copy");
    assert!(Command::new("cp").arg("-r").args([&closed.path().join("data"), &copy]).status().unwrap().success());
    let said = format!("{:#}", Embedded::start_scratch(&copy, None).unwrap_err());
    assert!(said.contains("is a copy of"), "{said}");

    // Somebody who deletes the data and begins again gets a new database.
    fs::remove_dir_all(closed.path().join("data")).unwrap();
    let fresh = scratch(&closed);
    assert!(try_sql(&fresh.url(), "SELECT name FROM partner").is_err());
    fresh.stop().unwrap();
    let other = PathBuf::from(fs::read_to_string(&note).unwrap().trim());
    for folder in [elsewhere, other] {
        fs::remove_dir_all(folder).unwrap();
    }
}

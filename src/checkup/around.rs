//! What is around the portal: its configuration, the mail server, the clock, and files.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use super::{Finding, or_ok, store};
use crate::config::{Config, MailTransport};
use crate::db::Db;
use crate::mail::transport::Transport;
use crate::web::error::AppError;

/// From when on the clocks differ enough to be looked at.
const SKEW: TimeDelta = TimeDelta::seconds(1);
/// From when on codes of authenticator apps and leases between instances fail.
const BAD_SKEW: TimeDelta = TimeDelta::seconds(15);

/// Settings that can be read, and still are hardly meant.
pub fn configuration(config: &Config) -> Vec<Finding> {
    const WHAT: &str = "configuration";
    let mut found = Vec::new();
    let mut odd = |says: &str, todo: &str| found.push(Finding::warn(WHAT, says, todo));
    if !config.http.is_https() {
        odd("people reach the portal without TLS", "set http.base_url to its https address, and put a proxy before it");
    }
    if config.http.is_https() && config.http.trusted_proxies.is_empty() {
        odd(
            "no proxy is trusted, so every request counts as the proxy’s own",
            "set http.trusted_proxies to the proxy’s address",
        );
    }
    if config.http.is_https() && config.mail.transport == MailTransport::File {
        odd("letters are written into files, and nobody gets them", "set mail.transport to smtp, and mail.smtp.host");
    }
    if config.mail.transport == MailTransport::Smtp && config.mail.from.contains("localhost.localdomain") {
        odd("letters come from localhost.localdomain", "set mail.from to an address of yours");
    }
    if config.http.is_https() && config.security_contact.ends_with("@portico.example") {
        odd("nobody is named for reports of weaknesses", "set security_contact");
    }
    or_ok(found, WHAT, format!("people reach the portal at {}", config.http.base()))
}

/// Whether letters could leave; none is sent.
pub fn mail(config: &Config, folder: &Path) -> Finding {
    const WHAT: &str = "mail";
    let transport = match Transport::new(&config.mail, folder) {
        Ok(transport) => transport,
        Err(cause) => return Finding::fail(WHAT, format!("{cause:#}"), "mend the key that is named"),
    };
    match transport.reach() {
        Ok(()) => Finding::ok(WHAT, format!("letters go to {}", transport.described())),
        Err(refusal) => Finding::fail(WHAT, refusal.problem, "look at [mail.smtp]; `portico mail test` sends a letter"),
    }
}

/// The portal's clock beside PostgreSQL's.
///
/// # Errors
/// When the database does not answer.
pub fn clock(db: &Db) -> Result<Finding, AppError> {
    let (skew, unsure) = db.system_now("command: compare the clocks", |tx| {
        let before = db.now();
        let there = store::clock(tx)?;
        let took = db.now() - before;
        Ok((there - (before + took / 2), took / 2))
    })?;
    Ok(judged(skew, unsure))
}

fn judged(skew: TimeDelta, unsure: TimeDelta) -> Finding {
    const WHAT: &str = "clock";
    let least = (skew.abs() - unsure).max(TimeDelta::zero());
    let says = format!("the database’s clock differs by {:.3} s", skew.num_milliseconds() as f64 / 1000.0);
    let todo = "let both machines ask the same time servers (chrony, systemd-timesyncd)";
    if least >= BAD_SKEW {
        Finding::fail(WHAT, format!("{says}: codes of authenticator apps and links may be refused"), todo)
    } else if least >= SKEW {
        Finding::warn(WHAT, says, todo)
    } else {
        Finding::ok(WHAT, says)
    }
}

/// The folder of the portal's own files, and the files with secrets in them.
pub fn files(folder: &Path, secrets: &[PathBuf]) -> Vec<Finding> {
    const WHAT: &str = "files";
    let mut found = Vec::new();
    let shown = folder.display();
    match mode(folder) {
        None => {
            found.push(Finding::fail(WHAT, format!("{shown} cannot be looked at"), "make it, for the portal’s user"))
        }
        Some(mode) if mode & 0o022 != 0 => {
            found.push(Finding::fail(WHAT, format!("others may write into {shown}"), format!("chmod 700 {shown}")))
        }
        Some(mode) if mode & 0o004 != 0 => found.push(Finding::warn(
            WHAT,
            format!("everybody on this machine may look into {shown}"),
            format!("chmod 700 {shown}"),
        )),
        Some(_) => {}
    }
    let probe = folder.join(".write-test");
    if let Err(cause) = std::fs::write(&probe, "").and_then(|()| std::fs::remove_file(&probe)) {
        found.push(Finding::fail(WHAT, format!("{shown} cannot be written: {cause}"), "let the portal’s user own it"));
    }
    let own = folder.join("secret.key");
    for path in secrets.iter().chain(own.is_file().then_some(&own)) {
        let Some(mode) = mode(path) else { continue };
        let shown = path.display();
        let todo = format!("chmod 600 {shown}");
        if mode & 0o022 != 0 {
            found.push(Finding::fail(WHAT, format!("others may write {shown}, which holds a secret"), todo));
        } else if mode & 0o004 != 0 {
            found.push(Finding::warn(WHAT, format!("everybody may read {shown}, which holds a secret"), todo));
        }
    }
    or_ok(found, WHAT, format!("{shown} can be written, and is nobody else’s; what people upload is in the database"))
}

fn mode(path: &Path) -> Option<u32> {
    std::fs::metadata(path).ok().map(|found| found.permissions().mode())
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn clocks_may_differ_by_what_the_question_took_and_a_second() {
        let level =
            |skew: i64, unsure: i64| judged(TimeDelta::milliseconds(skew), TimeDelta::milliseconds(unsure)).level;
        assert_eq!(level(0, 0), Level::Ok);
        assert_eq!(level(-900, 10), Level::Ok);
        assert_eq!(level(1500, 10), Level::Warn);
        assert_eq!(level(-1500, 600), Level::Ok);
        assert_eq!(level(-15_000, 0), Level::Fail);
        assert!(judged(TimeDelta::milliseconds(-1500), TimeDelta::zero()).says.contains("-1.500 s"));
    }
}

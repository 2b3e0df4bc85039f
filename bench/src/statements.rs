//! The statements of a page, from the server's own log; and how fast they are alone, by pgbench.

use std::fs;
use std::thread;
use std::time::Duration;

use crate::portal::Portal;

/// A statement with what was bound in it, as the log has it. A value that is null is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub text: String,
    pub values: Vec<Option<String>>,
}

impl Statement {
    /// Whether it begins or ends a transaction, or sets something for it.
    pub fn is_frame(&self) -> bool {
        let upper = self.text.trim_start().to_ascii_uppercase();
        ["BEGIN", "COMMIT", "ROLLBACK", "SET ", "SAVEPOINT", "RELEASE"].iter().any(|word| upper.starts_with(word))
    }

    /// Whether it can be asked again and again without changing anything.
    fn only_reads(&self) -> bool {
        let upper = self.text.trim_start().to_ascii_uppercase();
        (upper.starts_with("SELECT") || upper.starts_with("WITH"))
            && ["FOR UPDATE", "FOR SHARE", "FOR NO KEY", "PG_NOTIFY", "UPDATE ", "INSERT ", "DELETE "]
                .iter()
                .all(|word| !upper.contains(word))
    }
}

/// Times that a page is asked to count its statements.
const TRIES: usize = 5;

/// What the portal asked for one page. Jobs in the background ask as well, on the same connections: of several times
/// that the page is asked, the one with the fewest statements is without theirs.
pub fn during(portal: &Portal, mut work: impl FnMut() -> Result<(), String>) -> Result<Vec<Statement>, String> {
    let size = || fs::metadata(portal.server_log()).map_or(0, |log| log.len()) as usize;
    portal.query("ALTER SYSTEM SET log_statement = 'all'")?;
    portal.query("ALTER SYSTEM SET log_line_prefix = '~#~%a|'")?;
    portal.query("SELECT pg_reload_conf()")?;
    thread::sleep(Duration::from_millis(150));
    let mut places = vec![size()];
    let mut done = Ok(());
    for _ in 0..TRIES {
        done = done.and_then(|()| work());
        thread::sleep(Duration::from_millis(20));
        places.push(size());
    }
    let log = fs::read(portal.server_log()).unwrap_or_default();
    portal.query("ALTER SYSTEM RESET ALL")?;
    portal.query("SELECT pg_reload_conf()")?;
    thread::sleep(Duration::from_millis(100));
    done?;
    let part = |from: usize, to: usize| read(&String::from_utf8_lossy(log.get(from..to).unwrap_or_default()));
    let tries = places.windows(2).filter_map(|pair| Some(part(*pair.first()?, *pair.get(1)?)));
    Ok(tries.filter(|found| !found.is_empty()).min_by_key(Vec::len).unwrap_or_default())
}

/// Reads the log: entries begin with a mark, and statements may have several lines.
fn read(log: &str) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    let mut was_kept = false;
    for entry in log.split("~#~").filter_map(|entry| entry.strip_prefix("portico|")) {
        let entry = entry.trim_end();
        if let Some(rest) = entry.trim_start().strip_prefix("LOG:") {
            let rest = rest.trim_start();
            let text = rest
                .strip_prefix("statement: ")
                .or_else(|| rest.strip_prefix("execute ").and_then(|rest| rest.split_once(": ")).map(|(_, text)| text));
            was_kept = text.is_some();
            found.extend(text.map(|text| Statement { text: text.to_owned(), values: Vec::new() }));
        } else if let Some(values) = entry.trim_start().strip_prefix("DETAIL:").filter(|_| was_kept) {
            let values = values.trim_start().strip_prefix("parameters: ").unwrap_or_default();
            if let Some(last) = found.last_mut() {
                last.values = bound(values);
            }
        }
    }
    found
}

/// `$1 = 'text', $2 = NULL`: the values, with quotes undone.
fn bound(text: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(" = ") {
        if let Some(quoted) = after.strip_prefix('\'') {
            let (mut value, mut chars) = (String::new(), quoted.char_indices().peekable());
            let mut end = quoted.len();
            while let Some((at, one)) = chars.next() {
                match (one, chars.peek()) {
                    ('\'', Some((_, '\''))) => {
                        value.push('\'');
                        chars.next();
                    }
                    ('\'', _) => {
                        end = at + 1;
                        break;
                    }
                    _ => value.push(one),
                }
            }
            values.push(Some(value));
            rest = quoted.get(end..).unwrap_or_default();
        } else {
            values.push(None);
            rest = after;
        }
    }
    values
}

/// A line of a script for pgbench, with the variables that it has from `from` on; none for what cannot be said to it.
fn scripted(one: &Statement, from: usize) -> Option<(String, Vec<String>)> {
    // What looks like a variable in a text would be taken for one.
    let is_marked = |text: &str| {
        text.char_indices().any(|(at, mark)| {
            let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
            mark == ':'
                && !before.ends_with(':')
                && after.starts_with(|next: char| next.is_alphanumeric() || next == '_')
        })
    };
    if is_marked(&one.text) {
        return None;
    }
    let (mut text, mut values) = (one.text.split_whitespace().collect::<Vec<_>>().join(" "), Vec::new());
    // From the last, so that $1 is not found in $12.
    for (at, value) in one.values.iter().enumerate().rev() {
        let mark = format!("${}", at + 1);
        match value {
            // A variable of pgbench's cannot be empty.
            Some(value) if value.is_empty() => text = text.replace(&mark, "''"),
            Some(value) => {
                text = text.replace(&mark, &format!(":v{}", from + values.len()));
                values.push(value.clone());
            }
            None => text = text.replace(&mark, "NULL"),
        }
    }
    Some((text.trim_end_matches(';').to_owned(), values))
}

/// Transactions each second of the same statements with the same values, prepared, on eight connections: with the role
/// and the settings of the page. What writes is left out: it cannot be asked again. None where pgbench cannot ask them.
pub fn alone(portal: &Portal, statements: &[Statement], seconds: f64) -> Result<f64, String> {
    let (mut script, mut values, mut is_begun) = (String::new(), Vec::new(), false);
    for one in statements.iter().filter(|one| one.is_frame() || one.only_reads()) {
        let (text, more) = scripted(one, values.len()).ok_or("a statement cannot be said to pgbench")?;
        for text in text.split(';').filter(|text| !text.trim().is_empty()) {
            let upper = text.trim().to_ascii_uppercase();
            is_begun = upper.starts_with("BEGIN") || is_begun && !upper.starts_with("COMMIT");
            script.push_str(text.trim());
            script.push_str(";\n");
        }
        values.extend(more);
    }
    if is_begun {
        script.push_str("COMMIT;\n");
    }
    let file = portal.folder.join("bench-statements.sql");
    fs::write(&file, script).map_err(|cause| cause.to_string())?;
    let mut command = portal.tool("pgbench");
    for (at, value) in values.iter().enumerate() {
        command.args(["-D", &format!("v{at}={value}")]);
    }
    let output = command
        .args(["-n", "-M", "prepared", "-c", "8", "-j", "2", "-T", &format!("{}", seconds.ceil().max(1.0)), "-f"])
        .arg(&file)
        .arg("portico")
        .output()
        .map_err(|cause| format!("pgbench: {cause}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let error = || {
        told.lines()
            .find(|line| line.contains("ERROR") || line.contains("error"))
            .unwrap_or("pgbench failed")
            .to_owned()
    };
    let found = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    let failed = said.lines().any(|line| line.starts_with("number of failed") && !line.contains(": 0 "));
    found.filter(|_| output.status.success() && !failed).ok_or_else(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_read_from_the_log() {
        let log = "~#~portico|LOG:  statement: BEGIN READ ONLY\n~#~portico|LOG:  execute __diesel_stmt_3: SELECT 1\n WHERE a = $1\n\
            ~#~portico|DETAIL:  parameters: $1 = 'it''s, $2 = x', $2 = NULL\n~#~psql|LOG:  statement: SELECT 2\n";
        let found = read(log);
        assert_eq!(found.len(), 2);
        assert!(found[0].is_frame() && !found[1].is_frame());
        assert_eq!(found[1].text, "SELECT 1\n WHERE a = $1");
        assert_eq!(found[1].values, [Some("it's, $2 = x".to_owned()), None]);
    }

    #[test]
    fn statements_are_said_to_pgbench() {
        let one = |text: &str, values: &[Option<&str>]| Statement {
            text: text.into(),
            values: values.iter().map(|value| value.map(str::to_owned)).collect(),
        };
        let (text, values) =
            scripted(&one("SELECT a::text\n WHERE b = $1 AND $2 AND $3;", &[Some("x"), None, Some("y")]), 4).unwrap();
        assert_eq!(text, "SELECT a::text WHERE b = :v5 AND NULL AND :v4");
        assert_eq!(values, ["y", "x"]);
        assert_eq!(scripted(&one("SELECT $1", &[Some("")]), 0).unwrap(), ("SELECT ''".to_owned(), Vec::new()));
        assert!(scripted(&one("SELECT 'HH24:MI'", &[]), 0).is_none());
    }
}

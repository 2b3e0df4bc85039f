//! The statements of a page, from the server's own log; and how fast they are alone, by pgbench.

use std::fs;
use std::thread;
use std::time::Duration;

use crate::portal::Portal;

/// A statement with what was bound in it, as the log has it.
#[derive(Clone, Debug)]
pub struct Statement {
    pub text: String,
    pub values: Vec<String>,
}

fn is_frame(text: &str) -> bool {
    let upper = text.trim_start().to_ascii_uppercase();
    ["BEGIN", "COMMIT", "ROLLBACK", "SET ", "SAVEPOINT", "RELEASE"].iter().any(|word| upper.starts_with(word))
}

/// What the portal asked while something was done; without the frame of transactions.
pub fn during(portal: &Portal, work: impl FnOnce() -> Result<(), String>) -> Result<Vec<Statement>, String> {
    let size = || fs::metadata(portal.server_log()).map_or(0, |log| log.len()) as usize;
    portal.query("ALTER SYSTEM SET log_statement = 'all'")?;
    portal.query("ALTER SYSTEM SET log_line_prefix = '~#~%a|'")?;
    portal.query("SELECT pg_reload_conf()")?;
    thread::sleep(Duration::from_millis(150));
    let from = size();
    let done = work();
    thread::sleep(Duration::from_millis(50));
    let log = fs::read(portal.server_log()).unwrap_or_default();
    portal.query("ALTER SYSTEM RESET ALL")?;
    portal.query("SELECT pg_reload_conf()")?;
    thread::sleep(Duration::from_millis(100));
    done?;
    let text = String::from_utf8_lossy(log.get(from..).unwrap_or_default()).into_owned();
    Ok(read(&text))
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
            was_kept = text.is_some_and(|text| !is_frame(text));
            if let Some(text) = text.filter(|_| was_kept) {
                found.push(Statement { text: text.to_owned(), values: Vec::new() });
            }
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
fn bound(text: &str) -> Vec<String> {
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
            values.push(value);
            rest = quoted.get(end..).unwrap_or_default();
        } else {
            values.push(String::from("\u{0}"));
            rest = after;
        }
    }
    values
}

/// Transactions each second of the same statements with the same values, prepared, on eight connections. Only what
/// reads can be asked again; a value that is null cannot be said to pgbench.
pub fn alone(portal: &Portal, statements: &[Statement], seconds: f64) -> Option<f64> {
    let reads = |one: &Statement| {
        let upper = one.text.trim_start().to_ascii_uppercase();
        (upper.starts_with("SELECT") || upper.starts_with("WITH"))
            && !upper.contains("FOR UPDATE")
            && !upper.contains("PG_NOTIFY")
            && one.values.iter().all(|value| value != "\u{0}")
    };
    if statements.is_empty() || !statements.iter().all(reads) {
        return None;
    }
    let mut script = String::from("BEGIN READ ONLY;\n");
    let mut command = portal.tool("pgbench");
    let mut count = 0;
    for one in statements {
        let mut text = one.text.replace('\n', " ");
        // From the last, so that $1 is not found in $12.
        for (at, value) in one.values.iter().enumerate().rev() {
            text = text.replace(&format!("${}", at + 1), &format!(":v{}", count + at));
            command.args(["-D", &format!("v{}={value}", count + at)]);
        }
        count += one.values.len();
        script.push_str(&text);
        script.push_str(";\n");
    }
    script.push_str("COMMIT;\n");
    let file = portal.folder.join("bench-statements.sql");
    fs::write(&file, script).ok()?;
    let output = command
        .args(["-n", "-M", "prepared", "-c", "8", "-j", "2", "-T", &format!("{}", seconds.ceil().max(1.0)), "-f"])
        .arg(&file)
        .arg("portico")
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let found = said.lines().find_map(|line| line.strip_prefix("tps = "))?.split(' ').next()?.parse().ok();
    let failed = said.lines().any(|line| line.starts_with("number of failed") && !line.contains(": 0 "));
    found.filter(|_| output.status.success() && !failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_read_from_the_log() {
        let log = "~#~portico|LOG:  statement: BEGIN READ ONLY\n~#~portico|LOG:  execute __diesel_stmt_3: SELECT 1\n WHERE a = $1\n\
            ~#~portico|DETAIL:  parameters: $1 = 'it''s, $2 = x', $2 = NULL\n~#~psql|LOG:  statement: SELECT 2\n";
        let found = read(log);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text, "SELECT 1\n WHERE a = $1");
        assert_eq!(found[0].values, ["it's, $2 = x", "\u{0}"]);
    }
}

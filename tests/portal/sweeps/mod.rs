//! Tests that go over everything of a kind, so that what is new and not thought of fails.

mod api;
mod hostile;
mod policy;
pub mod requests;
mod routes;
mod schema;
mod source;

use std::path::Path;

/// Compares what was found with what a person reviewed. When they differ, the new text is written beside the
/// tests' other files, to be read and, when it is right, copied over the old one.
fn reviewed(file: &str, expected: &str, found: &str) {
    if expected == found {
        return;
    }
    let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    std::fs::write(&new, found).unwrap();
    let missing =
        expected.lines().filter(|line| !found.lines().any(|other| other == *line)).map(|line| format!("- {line}"));
    let added =
        found.lines().filter(|line| !expected.lines().any(|other| other == *line)).map(|line| format!("+ {line}"));
    let lines: Vec<String> = missing.chain(added).collect();
    panic!("tests/portal/sweeps/{file} is not what was found; review {}:\n{}", new.display(), lines.join("\n"));
}

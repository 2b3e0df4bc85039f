//! The grid of permissions: resources down, actions across, made from the policy.

use super::forms::ticked;
use super::model::{Facts, listed};
use crate::access::{Actor, POLICY, Powers, Reach, Rule};
use crate::web::form::Form;

/// The columns; every other action is a special one.
pub const COLUMNS: [&str; 4] = ["create", "read", "update", "delete"];

/// One box.
pub struct Cell {
    /// The permission's word.
    pub key: String,
    /// The action.
    pub action: &'static str,
    /// For screen readers.
    pub label: String,
    /// Whether it is ticked.
    pub on: bool,
    /// Whether whoever looks may tick it: they hold it themselves.
    pub open: bool,
    /// Whether it counts only for who sees all partners.
    pub wide: bool,
    /// As it is in the role that this one was copied from.
    pub was: Option<bool>,
}

/// One line of the grid.
pub struct Line {
    /// What it is about.
    pub resource: &'static str,
    /// The boxes of the columns; none where there is no such permission.
    pub cells: [Option<Cell>; 4],
    /// The other actions.
    pub special: Vec<Cell>,
}

/// The grid as a form has it.
pub fn lines(form: &Form, actor: &Actor, base: Option<&Facts>) -> Vec<Line> {
    let on = ticked(form);
    let cell = |rule: &'static Rule| Cell {
        key: rule.key(),
        action: rule.action,
        label: format!("{}: {}", rule.resource, rule.action),
        on: on.include(rule),
        open: actor.may(rule),
        wide: rule.reach == Reach::Program,
        was: base.map(|base| base.powers.include(rule)),
    };
    let mut lines: Vec<Line> = Vec::new();
    for rule in POLICY.iter().filter(|rule| rule.is_grantable()) {
        let at = match lines.iter().position(|line| line.resource == rule.resource) {
            Some(at) => at,
            None => {
                lines.push(Line { resource: rule.resource, cells: [None, None, None, None], special: Vec::new() });
                lines.len() - 1
            }
        };
        let Some(line) = lines.get_mut(at) else { continue };
        match COLUMNS.iter().position(|action| *action == rule.action).and_then(|column| line.cells.get_mut(column)) {
            Some(place) => *place = Some(cell(rule)),
            None => line.special.push(cell(rule)),
        }
    }
    lines
}

/// A role in sentences: what it does, and what it does not.
pub fn in_words(powers: Powers, program_wide: bool) -> (Vec<String>, String) {
    let seen = if program_wide {
        "Sees every partner, when given at a hosting partner."
    } else {
        "Sees its own partner alone."
    };
    let mut does = vec![seen.to_owned()];
    let (mut reads, mut acts): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for (resource, actions) in by_resource(powers) {
        let name = resource.to_lowercase();
        match actions.as_slice() {
            ["read"] => reads.push(name),
            actions => acts.push(format!("{name} ({})", joined(actions))),
        }
    }
    if !acts.is_empty() {
        does.push(format!("Works with {}.", acts.join("; ")));
    }
    if !reads.is_empty() {
        let reads: Vec<&str> = reads.iter().map(String::as_str).collect();
        does.push(format!("Reads {}.", joined(&reads)));
    }
    let all: Powers = POLICY.iter().filter(|rule| rule.is_grantable()).collect();
    let missing = all.beyond(powers);
    let cannot =
        by_resource(missing).into_iter().filter(|(resource, _)| !powers.rules().any(|rule| rule.resource == *resource));
    let cannot: Vec<String> = cannot.map(|(resource, _)| resource.to_lowercase()).collect();
    let cannot: Vec<&str> = cannot.iter().map(String::as_str).collect();
    let cannot = if cannot.is_empty() { String::new() } else { format!("Nothing of {}.", joined(&cannot)) };
    (does, cannot)
}

fn by_resource(powers: Powers) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut groups: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
    for rule in powers.rules() {
        match groups.iter_mut().find(|(resource, _)| *resource == rule.resource) {
            Some((_, actions)) => actions.push(rule.action),
            None => groups.push((rule.resource, vec![rule.action])),
        }
    }
    groups
}

fn joined(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// What an edit gives and takes, in few words; empty when nothing.
pub fn difference(before: &Facts, after: &Facts, at_host: bool) -> String {
    let at = |facts: &Facts| {
        let wide = facts.program_wide && at_host;
        (wide, if wide { facts.powers } else { facts.powers.at_one_partner() })
    };
    let ((saw, held), (sees, holds)) = (at(before), at(after));
    let mut parts = Vec::new();
    match (saw, sees) {
        (false, true) => parts.push("sees all partners".to_owned()),
        (true, false) => parts.push("sees their own partner alone".to_owned()),
        _ => {}
    }
    let (gains, loses) = (holds.beyond(held), held.beyond(holds));
    if !gains.is_empty() {
        parts.push(format!("gains {}", listed(gains)));
    }
    if !loses.is_empty() {
        parts.push(format!("loses {}", listed(loses)));
    }
    if !before.second_factor && after.second_factor {
        parts.push("needs a second factor".to_owned());
    }
    parts.join("; ")
}

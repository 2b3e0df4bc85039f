//! What is typed about roles, turned into values.

use super::model::{Facts, with_reading};
use crate::access::Powers;
use crate::values::line;
use crate::web::form::Form;

/// The form of a role as it is stored, or as it is copied.
pub fn filled(facts: &Facts, version: Option<i32>) -> Form {
    let tick = |yes: bool| if yes { "yes".to_owned() } else { String::new() };
    let keys = facts.powers.keys();
    let mut pairs = vec![
        ("name", facts.name.clone()),
        ("sees", if facts.program_wide { "all" } else { "own" }.to_owned()),
        ("second_factor", tick(facts.second_factor)),
        ("from", facts.copied_from.clone()),
    ];
    pairs.extend(version.map(|version| ("version", version.to_string())));
    pairs.extend(keys.into_iter().map(|key| ("grant", key)));
    Form::filled(pairs)
}

/// A role as it was typed.
pub struct Typed {
    /// What it shall be.
    pub facts: Facts,
    /// Reading that was added, because changing goes with it.
    pub added: Powers,
    /// Permissions that were left out, because they count only for who sees all partners.
    pub dropped: Powers,
}

/// Reads a role.
///
/// # Errors
/// The form with its errors.
pub fn role(form: &Form, copied_from: &str) -> Result<Typed, Form> {
    let mut check = form.check();
    let name = check.field("name", "Name", |typed| line(typed, 60));
    let program_wide = check.field("sees", "Sees", |typed| match typed {
        "all" => Ok(true),
        "own" => Ok(false),
        _ => Err("Choose what the role sees.".to_owned()),
    });
    let ticked = ticked(form);
    if ticked.is_empty() {
        check.refuse(
            "grant",
            "What this role may do",
            "Tick at least one permission: a role that may nothing helps nobody.",
        );
    }
    check.done(|| {
        let program_wide = program_wide?;
        let kept = if program_wide { ticked } else { ticked.at_one_partner() };
        let powers = with_reading(kept);
        let second_factor = form.is_ticked("second_factor");
        let facts = Facts { name: name?, copied_from: copied_from.to_owned(), program_wide, powers, second_factor };
        Some(Typed { facts, added: powers.beyond(kept), dropped: ticked.beyond(kept) })
    })
}

/// The permissions that are ticked on a form; what no program may grant is not among them.
pub fn ticked(form: &Form) -> Powers {
    let keys: Vec<String> = form.values("grant").into_iter().map(str::to_owned).collect();
    Powers::of_keys(&keys)
}

//! Rules about the source that neither the compiler nor clippy can keep (architecture: "Refuse a change when…").

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::reviewed;

/// Files below a folder of the repository, by their path from it.
fn files(folder: &str, ending: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let (mut found, mut open) = (BTreeMap::new(), vec![root.clone()]);
    while let Some(place) = open.pop() {
        for entry in fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|known| known == ending) {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(!found.is_empty());
    found
}

/// Source without comments and without its tests.
fn source() -> BTreeMap<String, String> {
    let code = |text: String| {
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
        text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
    };
    files("src", "rs")
        .into_iter()
        .filter(|(name, _)| !name.ends_with("/tests.rs"))
        .map(|(name, text)| (name, code(text)))
        .collect()
}

fn none(found: Vec<String>, rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

/// Lines that contain one of some texts, as `file: line`.
fn containing(all: &BTreeMap<String, String>, texts: &[&str], but: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in all {
        for line in text.lines().filter(|line| texts.iter().any(|text| line.contains(text))) {
            if !but(name, line) {
                found.push(format!("{name}: {}", line.trim()));
            }
        }
    }
    found
}

/// All SQL of a slice is in its store.
fn is_store(name: &str) -> bool {
    name.ends_with("/store.rs") || name.contains("/store/") || name == "programs/types.rs"
}

/// The kernel's own doors to the database.
fn is_kernel(name: &str) -> bool {
    name.starts_with("db/")
        || name.starts_with("access/session/")
        || matches!(name, "access/limits.rs" | "mail/delivery.rs" | "mail/inviter.rs" | "mail/outbox.rs")
}

#[test]
fn queries_are_written_in_stores_only() {
    let texts =
        ["db::schema", "sql_query", "batch_execute", "tx.conn()", "::table", "diesel::dsl", "diesel::insert_into"];
    let derives = |name: &str, line: &str| name.ends_with("/model.rs") && line.contains("db::schema");
    // The end of a job is stored by one function, in a transaction of a person or in one without.
    let hands_on = |name: &str, line: &str| name.starts_with("partners/import/") && line.contains("finish(tx.conn(),");
    none(
        containing(&source(), &texts, |name, line| {
            is_store(name) || is_kernel(name) || derives(name, line) || hands_on(name, line)
        }),
        "queries outside of a store",
    );
}

/// The function that each line is in, as well as can be told from `fn` at the start of lines.
fn functions(text: &str) -> Vec<(String, &str)> {
    let mut present = String::new();
    let mut lines = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        if let Some(at) = words.iter().position(|word| *word == "fn")
            && let Some(name) = words.get(at + 1)
            && !name.is_empty()
        {
            present = (*name).to_owned();
        }
        lines.push((present.clone(), line));
    }
    lines
}

#[test]
fn reads_begin_with_what_is_visible() {
    // Functions that name a table elsewhere than in `visible` or to write to it. Reviewed: each says whose rows.
    let mut found = String::new();
    for (name, text) in source().iter().filter(|(name, _)| is_store(name)) {
        let mut places: Vec<String> = Vec::new();
        for (function, line) in functions(text) {
            let writes = ["diesel::insert_into(", "diesel::update(", "diesel::delete("];
            let writes = writes.iter().any(|call| line.contains(call));
            let names_table = line.contains("::table") && !line.contains("use ");
            if names_table && !writes && function != "visible" && !places.contains(&function) {
                places.push(function);
            }
        }
        for function in places {
            let function = if function.is_empty() { "(macro)" } else { &function };
            found.push_str(&format!("{name} {function}\n"));
        }
    }
    let expected: String = include_str!("queries.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (place, reason) = line.split_once("  ").unwrap_or((line, ""));
            assert!(!reason.trim().is_empty(), "queries.txt: say why {place} may");
            format!("{place}\n")
        })
        .collect();
    reviewed("queries.txt", &expected, &found);
}

#[test]
fn every_store_of_scoped_rows_has_its_visible() {
    for (name, text) in source().iter().filter(|(name, text)| is_store(name) && text.contains("ReadTx")) {
        let has_it = text.contains("fn visible(") || text.contains("super::visible;");
        assert!(has_it, "{name} reads in a scope and has no visible()");
        assert!(!text.contains("pub fn visible("), "{name}: visible() is for the store alone");
    }
}

#[test]
fn transactions_without_a_person_are_those_that_were_agreed_on() {
    let mut found = String::new();
    for (name, text) in &source() {
        let mut rest = text.as_str();
        while let Some(at) = rest.find(".system") {
            rest = &rest[at + ".system".len()..];
            let call = rest.strip_prefix("_now").or(rest.strip_prefix("_glance")).unwrap_or(rest);
            let Some(call) = call.strip_prefix('(') else { continue };
            let reason = call.trim_start().strip_prefix('"').and_then(|text| text.split('"').next());
            found.push_str(&format!("{name}: {}\n", reason.unwrap_or("no reason given")));
        }
    }
    // One pass-through inside the door itself.
    let found = found.replace("db/mod.rs: no reason given\n", "");
    assert!(!found.contains("no reason given"), "{found}");
    reviewed("system.txt", include_str!("system.txt"), &found);
}

#[test]
fn nothing_panics_on_purpose() {
    let texts = [".unwrap()", ".expect(", "panic!(", "unreachable!(", "todo!(", "unimplemented!("];
    // An allowance with a reason stands directly above the function.
    let source: BTreeMap<String, String> = source()
        .into_iter()
        .map(|(name, text)| {
            let kept: Vec<&str> = text
                .split("#[expect(clippy::expect_used")
                .enumerate()
                .map(|(at, part)| if at == 0 { part } else { part.split_once("\n}\n").map_or("", |(_, rest)| rest) })
                .collect();
            (name, kept.join("\n"))
        })
        .collect();
    none(containing(&source, &texts, |_, _| false), "places that panic");
}

#[test]
fn doors_that_are_closed_stay_closed() {
    let rules: [(&[&str], &[&str]); 6] = [
        (&["Utc::now", "Local::now", "SystemTime::now"], &["db/mod.rs"]),
        (&["web::block("], &["db/mod.rs"]),
        (&["web::Form", "web::Query", "web::Json"], &[]),
        (&["connection_info()", "realip_remote_addr", "X-Forwarded-Host", "x-forwarded-host"], &[]),
        (
            &["std::env::var", "env::vars"],
            &["config.rs", "db/embedded/account.rs", "db/embedded/binaries.rs", "db/embedded/home.rs"],
        ),
        (&["#[allow(", "#![allow("], &["db/ids.rs"]),
    ];
    for (texts, but) in rules {
        none(containing(&source(), texts, |name, _| but.contains(&name)), &format!("{texts:?}"));
    }
}

#[test]
fn handlers_do_not_compare_roles_or_scopes_by_text() {
    let templates = files("templates", "html");
    let texts = ["\"admin\"", "role_name() ==", "status == \"", "Role::"];
    none(containing(&templates, &texts, |_, _| false), "templates that decide by a role or a text");
}

#[test]
fn t48_text_is_escaped_everywhere_but_in_the_two_layouts_and_in_markdown() {
    let found = containing(&files("templates", "html"), &["|safe", "| safe", "|escape(", "autoescape"], |_, _| false);
    // And where rendered Markdown is shown: its type is made by web::markdown alone, which lets nothing else through.
    let markdown = "components/markdown.html: <div class=\"md\" dir=\"auto\">{{ html.as_str()|safe }}</div>";
    assert_eq!(found, [markdown, "layouts/app.html: {{ body|safe }}", "layouts/signed_out.html: {{ body|safe }}"]);
    // Letters of plain text have nothing to escape.
    none(
        containing(&source(), &["escape = \"none\"", "MarkupDisplay", "filters::safe", "HtmlSafe"], |_, line| {
            line.contains(".txt\"")
        }),
        "unescaped text",
    );
}

#[test]
fn t22_templates_need_nothing_that_the_content_policy_forbids() {
    for (name, text) in files("templates", "html") {
        let lower = text.to_lowercase();
        for never in [
            "hx-on",
            "js:",
            "javascript:",
            " style=",
            "<style",
            "hx-vals='js",
            "hx-vars",
            "srcdoc",
            "<iframe",
            "<object",
            "<embed",
            "<base",
            "hx-headers",
            "http-equiv",
            "//cdn",
            "<link rel=\"stylesheet\" href=\"http",
        ] {
            assert!(!lower.contains(never), "{never} in templates/{name}");
        }
        for tag in lower.split("<script").skip(1) {
            assert!(tag.trim_start().starts_with("src="), "a script inside templates/{name}");
        }
        for (at, _) in lower.match_indices(" on") {
            let word: String = lower[at + 1..].chars().take_while(char::is_ascii_alphabetic).collect();
            let then = lower[at + 1 + word.len()..].trim_start();
            assert!(!then.starts_with("=\"") && !then.starts_with("='"), "{word}= in templates/{name}");
        }
        for part in lower.split("hx-trigger=\"").skip(1) {
            let value = part.split('"').next().unwrap();
            assert!(!value.contains('['), "a filter in hx-trigger needs eval: templates/{name}");
        }
        for part in lower.split("target=\"_blank\"").skip(1) {
            assert!(
                part.split('>').next().unwrap().contains("noopener"),
                "a new window without noopener in templates/{name}"
            );
        }
    }
}

#[test]
fn every_form_that_changes_something_is_posted_to_an_address_of_ours() {
    for (name, text) in files("templates", "html") {
        for tag in text.split("<form").skip(1).filter_map(|rest| rest.split('>').next()) {
            let action = tag.split("action=\"").nth(1).and_then(|rest| rest.split('"').next());
            assert!(!tag.contains("action=\"http") && !tag.contains("action=\"//"), "templates/{name}: {tag}");
            assert!(
                tag.contains("method=\"post\"") || tag.contains("method=\"get\"") || tag.contains("role=\"search\""),
                "templates/{name}: say the method of <form{tag}>"
            );
            assert!(
                !tag.contains("method=\"post\"") || action.is_some(),
                "templates/{name}: say where <form{tag}> goes"
            );
        }
    }
}

#[test]
fn migrations_can_be_undone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    for entry in fs::read_dir(root).unwrap() {
        let folder = entry.unwrap().path();
        let down = fs::read_to_string(folder.join("down.sql")).unwrap();
        assert!(!down.trim().is_empty(), "{}", folder.display());
    }
}

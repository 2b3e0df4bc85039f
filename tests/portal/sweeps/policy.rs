//! The built-in policy, as a table that is reviewed like code.

use portico::access::{POLICY, Role};
use portico::routes::ROUTES;

use super::reviewed;

#[test]
fn the_policy_is_the_reviewed_table() {
    let head: Vec<String> = Role::ALL.iter().map(|role| format!("{role:?}")).collect();
    let mut table =
        format!("{:22} {:16} {:16} {:8} {}\n", "Permission", "Resource", "Action", "Counts", head.join(" "));
    for rule in POLICY {
        let cells: Vec<String> = Role::ALL
            .iter()
            .zip(&head)
            .map(|(role, title)| {
                let mark = if rule.everyone {
                    "all"
                } else if rule.allows(Some(*role)) {
                    "yes"
                } else {
                    "-"
                };
                format!("{mark:width$}", width = title.len())
            })
            .collect();
        let reach = format!("{:?}", rule.reach);
        let line = format!("{:22} {:16} {:16} {reach:8} {}", rule.name, rule.resource, rule.action, cells.join(" "));
        table.push_str(line.trim_end());
        table.push('\n');
    }
    reviewed("policy.txt", include_str!("policy.txt"), &table);
}

#[test]
fn auditors_and_people_without_a_role_hold_nothing_but_looking() {
    for rule in POLICY.iter().filter(|rule| !rule.everyone) {
        assert!(!rule.allows(None), "{} is open to people without a role", rule.name);
        assert!(
            rule.is_read() || !rule.allows(Some(Role::Auditor)),
            "an auditor may {} {}",
            rule.action,
            rule.resource
        );
    }
}

#[test]
fn what_one_partner_s_admin_holds_the_hosts_hold_too_and_keys_are_unique() {
    // Else a program could not put it into a role of its own.
    let mut keys: Vec<String> = POLICY.iter().map(portico::access::Rule::key).collect();
    for rule in POLICY.iter().filter(|rule| rule.allows(Some(Role::PartnerAdmin))) {
        assert!(rule.everyone || rule.is_grantable(), "{}", rule.name);
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), POLICY.len());
    assert!(POLICY.len() <= 128, "Powers have 128 places");
    for (at, rule) in POLICY.iter().enumerate() {
        assert_eq!(rule.index, at, "{}", rule.name);
    }
}

#[test]
fn every_permission_is_asked_for_by_an_address_or_inside_a_page() {
    // Held beside another permission on one page: they decide what it shows.
    const INSIDE: [&str; 2] = ["UpdatePartner", "ReadAllActivity"];
    for rule in POLICY {
        let asked = ROUTES.iter().any(|route| route.permission.is_some_and(|asked| asked.name == rule.name));
        assert!(asked || INSIDE.contains(&rule.name), "no address asks for {}", rule.name);
    }
}

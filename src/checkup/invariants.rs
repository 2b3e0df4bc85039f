//! What must be true of the rows and what no constraint of a table can hold: it is between rows of several tables, or
//! depends on who may act. Use cases keep it; this looks whether they, or somebody past them, did not.

use super::{Finding, Level, store};
use crate::db::Db;
use crate::web::error::AppError;

/// A rule, how bad it is when it is broken, and what finds the rows that do.
struct Rule(Level, &'static str, &'static str);

const RULES: &[Rule] = &[
    Rule(
        Level::Fail,
        "an integration in review has one open submission, and no other has",
        "SELECT i.name FROM integrations i WHERE (i.state = 'in_review' OR i.revision IS NOT DISTINCT FROM 'in_review')
           <> EXISTS (SELECT FROM integration_submissions s WHERE s.integration_id = i.id AND s.outcome IS NULL)",
    ),
    Rule(
        Level::Fail,
        "an integration’s last submission is there",
        "SELECT i.name FROM integrations i WHERE i.submission > 0
           AND NOT EXISTS (SELECT FROM integration_submissions s WHERE s.integration_id = i.id AND s.number = i.submission)",
    ),
    Rule(
        Level::Fail,
        "tenants use what was published once",
        "SELECT t.name FROM tenants t JOIN integrations i ON i.id = t.integration_id
         WHERE t.state NOT IN ('archived', 'disconnected') AND i.live_number IS NULL",
    ),
    Rule(
        Level::Fail,
        "an archived integration has no active tenant",
        "SELECT t.name FROM tenants t JOIN integrations i ON i.id = t.integration_id
         WHERE i.state = 'archived' AND t.state IN ('active', 'paused', 'failing')",
    ),
    Rule(
        Level::Fail,
        "nobody is signed in whose account is closed",
        "SELECT u.email FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.ended_at IS NULL AND u.status IN ('suspended', 'deactivated') AND s.auth_version = u.auth_version",
    ),
    Rule(
        Level::Fail,
        "people act in memberships of their own",
        "SELECT u.email FROM sessions s JOIN users u ON u.id = s.user_id JOIN memberships m ON m.id = s.membership_id
         WHERE s.ended_at IS NULL AND m.user_id <> s.user_id",
    ),
    Rule(
        Level::Fail,
        "assignments link partners and products of one partner",
        "SELECT p.name FROM tier_assignments a JOIN products p ON p.id = a.product_id WHERE p.partner_id <> a.partner_id",
    ),
    Rule(
        Level::Fail,
        "the latest activity is of programs that there are",
        "SELECT a.kind FROM (SELECT kind, program_id FROM activity ORDER BY at DESC, id DESC LIMIT 5000) a
         WHERE a.program_id IS NOT NULL AND NOT EXISTS (SELECT FROM programs p WHERE p.id = a.program_id)",
    ),
    Rule(
        Level::Fail,
        "letters that were sent say when",
        "SELECT message_id FROM outbox WHERE (state = 'sent') <> (sent_at IS NOT NULL)",
    ),
    Rule(
        Level::Warn,
        "a program has a hosting partner that is active",
        "SELECT p.code FROM programs p WHERE NOT EXISTS
           (SELECT FROM partners h WHERE h.program_id = p.id AND h.is_hosting AND h.status IN ('active', 'offboarding'))",
    ),
    Rule(
        Level::Warn,
        "the primary contact of an active partner may act",
        "SELECT p.code FROM partners p JOIN memberships m ON m.partner_id = p.id AND m.user_id = p.primary_contact_id
         JOIN users u ON u.id = m.user_id WHERE p.status = 'active'
           AND (m.suspended_at IS NOT NULL OR u.status IN ('suspended', 'deactivated'))",
    ),
    Rule(
        Level::Warn,
        "a system administrator can sign in",
        "SELECT 'nobody' WHERE EXISTS (SELECT FROM users) AND NOT EXISTS (SELECT FROM users WHERE is_system AND status = 'active')",
    ),
];

/// Looks at all rules.
///
/// # Errors
/// When the database does not answer.
pub fn invariants(db: &Db) -> Result<Vec<Finding>, AppError> {
    const WHAT: &str = "invariants";
    let found = db.system_now("command: look whether rules are kept", |tx| {
        store::patient(tx)?;
        let mut found = Vec::new();
        for Rule(level, rule, query) in RULES {
            let broken = store::broken(tx, query)?;
            let Some(first) = broken.first else { continue };
            let says = format!("not true {} times that {rule}; first: {first}", broken.count);
            let todo = match level {
                Level::Fail => {
                    "look at it in the portal and in its activity; keep a backup, and tell the makers of Portico"
                }
                _ => "mend it in the portal",
            };
            found.push(Finding { what: WHAT, level: *level, says, todo: Some(todo.into()) });
        }
        Ok(found)
    })?;
    Ok(super::or_ok(found, WHAT, format!("{} rules hold that no table can keep", RULES.len())))
}

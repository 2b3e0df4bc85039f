//! What holds for every table, also one that is new (architecture: "The database agrees").

use crate::support::postgres::Database;
use crate::support::*;

const ROLES: [&str; 2] = ["portico_partner", "portico_host"];

fn none(found: Vec<String>, rule: &str) {
    assert!(found.is_empty(), "{rule}: {found:?}");
}

/// Tables of ours; Diesel keeps its own list of migrations.
const TABLES: &str = "SELECT c.oid, c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace \
    AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> '__diesel_schema_migrations'";

#[test]
fn every_table_and_column_says_what_it_is() {
    let db = Database::new();
    none(
        db.values(&format!("SELECT relname FROM ({TABLES}) t WHERE coalesce(obj_description(oid), '') = ''")),
        "tables without a comment",
    );
    let columns = format!(
        "SELECT relname || '.' || attname FROM ({TABLES}) t JOIN pg_attribute a ON a.attrelid = t.oid \
         WHERE attnum > 0 AND NOT attisdropped AND coalesce(col_description(t.oid, attnum), '') = ''"
    );
    none(db.values(&columns), "columns without a comment");
    let functions = "SELECT proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace \
        AND coalesce(obj_description(oid, 'pg_proc'), '') = '' AND NOT EXISTS \
          (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') AND proname NOT LIKE 'diesel_%'";
    none(db.values(functions), "functions without a comment");
}

#[test]
fn every_constraint_has_a_name_of_its_own() {
    // Errors are mapped by these names, so none may be one that Postgres made up.
    let db = Database::new();
    let made_up = format!(
        "SELECT conname FROM pg_constraint WHERE conrelid IN (SELECT oid FROM ({TABLES}) t) AND contype IN ('c', 'f', 'u', 'p') \
         AND (conname ~ '_check[0-9]*$' OR conname ~ '_key[0-9]+$' OR conname ~ '_fkey[0-9]+$' \
           OR (contype = 'f' AND conname ~ '_id_fkey$') OR conname !~ ('^' || (SELECT relname FROM pg_class WHERE oid = conrelid)))"
    );
    none(db.values(&made_up), "constraints with a made-up name");
}

#[test]
fn every_table_of_partners_has_the_wall_behind_it() {
    let db = Database::new();
    let with_partner = format!(
        "SELECT t.oid, t.relname FROM ({TABLES}) t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'partner_id' AND NOT attisdropped"
    );
    none(
        db.values(&format!(
            "SELECT relname FROM ({with_partner}) t WHERE NOT (SELECT relrowsecurity FROM pg_class c WHERE c.oid = t.oid)"
        )),
        "tables with a partner and without row-level security",
    );
    // Whoever may read or write a table at all has a policy there; the partner's one asks for its id.
    for role in ROLES {
        none(
            db.values(&format!(
                "SELECT relname FROM ({TABLES}) t WHERE has_any_column_privilege('{role}', oid, 'SELECT, INSERT, UPDATE') \
                 AND NOT EXISTS (SELECT 1 FROM pg_policies p WHERE p.tablename = relname AND '{role}' = ANY (p.roles))"
            )),
            &format!("tables that {role} reaches without a policy"),
        );
    }
    none(
        db.values(
            "SELECT tablename FROM pg_policies WHERE 'portico_partner' = ANY (roles) \
             AND coalesce(qual, '') || coalesce(with_check, '') !~ 'portico_(partner|program)_id\\(\\)'",
        ),
        "policies of partners that ask for nobody's id",
    );
    none(
        db.values("SELECT tablename FROM pg_policies WHERE NOT roles <@ '{portico_partner,portico_host}'"),
        "policies for others than the two roles",
    );
}

#[test]
fn a_row_cannot_point_at_another_partners_row() {
    // Tables with partner_id that do not refer to partners by program and id, and why.
    const EXCEPT: [(&str, &str); 3] = [
        ("activity", "the record outlives what it tells of"),
        ("outbox", "a letter outlives what it is about"),
        ("partner_logos", "the partner is its key; the row has no other reference"),
    ];
    let db = Database::new();
    let found = db.values(&format!(
        "SELECT relname FROM ({TABLES}) t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'partner_id' AND NOT attisdropped \
         WHERE NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conrelid = t.oid AND c.contype = 'f' \
             AND a.attnum = ANY (c.conkey) AND array_length(c.conkey, 1) >= 2) \
            OR EXISTS (SELECT FROM pg_attribute WHERE attrelid = t.oid AND attname = 'id') AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conrelid = t.oid AND c.contype = 'u' AND array_length(c.conkey, 1) = 2 \
             AND a.attnum = ANY (c.conkey) AND (SELECT attnum FROM pg_attribute WHERE attrelid = t.oid AND attname = 'id') = ANY (c.conkey)) \
         ORDER BY 1"
    ));
    assert_eq!(found, EXCEPT.map(|(table, _)| table));
    // And a reference between two tables of partners goes through the partner.
    let plain = format!(
        "SELECT conname FROM pg_constraint c WHERE contype = 'f' AND array_length(conkey, 1) = 1 \
         AND conrelid IN (SELECT oid FROM ({TABLES}) t) \
         AND EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = conrelid AND attname = 'partner_id') \
         AND (EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = confrelid AND attname = 'partner_id') OR confrelid = 'partners'::regclass)"
    );
    assert_eq!(db.values(&plain), ["partner_logos_partner_fkey"]);
}

/// Statements of a transaction that a partner's page would open.
fn as_partner(partner: &str) -> String {
    format!(
        "SET LOCAL ROLE portico_partner; SELECT set_config('portico.program', '{}', true), set_config('portico.partner', '{partner}', true);",
        program::SOLSTICE
    )
}

/// One row of another partner in each table that has partners: what nobody of Kestrel may see.
fn fill_every_table(db: &Database) {
    db.run(
        "INSERT INTO outbox (id, program_id, partner_id, letter, recipient, message_id, state, run_at, created_at)
           SELECT gen_random_uuid(), program_id, id, '{}', 'a@b.example', code || program_id, 'queued', now(), now() FROM partners;
         INSERT INTO form_requests (id, program_id, partner_id, kind, subject_id, note, due_on, asked_at, asked_by_name)
           SELECT gen_random_uuid(), program_id, id, 'partner', id, 'Filler', now(), now(), 'Filler' FROM partners;
         INSERT INTO check_marks (partner_id, integration_id, submission, check_id, page, spot, words, marked_at, marked_by_name)
           SELECT partner_id, id, 1, gen_random_uuid(), 'media', '', 'Filler', now(), 'Filler' FROM integrations;
         INSERT INTO activity_chain VALUES (1, now(), gen_random_uuid(), 1, sha256('x'));
         INSERT INTO activity_seals VALUES (1, 0, now(), 'filler', sha256('x'));
         INSERT INTO job_runs VALUES ('filler', now(), 1, 1);
         INSERT INTO attempts VALUES ('x', now(), 1);
         INSERT INTO integration_reminders SELECT i.partner_id, i.id, u.id, 'late', now() FROM integrations i, users u WHERE i.state = 'in_review';
         INSERT INTO campaign_undos SELECT gen_random_uuid(), program_id, id, gen_random_uuid(), 'Filler', '[]', now() FROM campaigns;
         INSERT INTO product_images SELECT id, partner_id, 'x' FROM products ON CONFLICT DO NOTHING;
         INSERT INTO redemptions (id, program_id, partner_id, product_id, key, rule, quantity, at, recorded_by_name)
           SELECT gen_random_uuid(), program_id, partner_id, id, id::text, 'open-to-all', 1, now(), 'Filler' FROM products ON CONFLICT DO NOTHING;
         INSERT INTO roles (id, program_id, name, program_wide, permissions, created_at, updated_at)
           SELECT gen_random_uuid(), id, 'Filler', false, '[]', now(), now() FROM programs;
         INSERT INTO invitations (id, program_id, partner_id, email, name, role, expires_at, invited_by_name, created_at, sent_at)
           SELECT gen_random_uuid(), program_id, id, 'filler@new.example', 'Filler', 'user', now(), 'Filler', now(), now() FROM partners;
         INSERT INTO letter_texts (program_id, letter, subject, body, updated_at)
           SELECT id, 'Invitation', 'Filler', 'Filler', now() FROM programs ON CONFLICT DO NOTHING;
         INSERT INTO mail_choices SELECT id, 'filler', true FROM users;
         INSERT INTO password_resets (user_id, expires_at, created_at) SELECT id, now(), now() FROM users ON CONFLICT DO NOTHING;
         INSERT INTO email_changes (user_id, email, expires_at, created_at)
           SELECT id, 'filler@new.example', now(), now() FROM users ON CONFLICT DO NOTHING;
         INSERT INTO second_factors (user_id, secret, key_id, created_at)
           SELECT id, '', '', now() FROM users ON CONFLICT DO NOTHING;
         INSERT INTO recovery_codes (user_id, code_hash) SELECT id, sha256('filler') FROM users;
         INSERT INTO review_marks SELECT partner_id, id, (SELECT min(id::text)::uuid FROM users), 'general', 1, now() FROM integrations;
         INSERT INTO review_readers SELECT partner_id, id, (SELECT min(id::text)::uuid FROM users), 'Filler', now() FROM integrations;
         INSERT INTO review_snoozes SELECT partner_id, id, (SELECT min(id::text)::uuid FROM users), now() FROM integrations;
         INSERT INTO api_answers (partner_id, token_id, key, request_hash, location, body, at)
           SELECT partner_id, id, 'filler', '', '', '{}', now() FROM api_tokens WHERE partner_id IS NOT NULL;",
    );
    let tables = db.values(&format!("SELECT relname FROM ({TABLES}) t ORDER BY 1"));
    for table in tables {
        assert_ne!(db.value(&format!("SELECT count(*) FROM {table}")), "0", "put a row into {table} for this test");
    }
}

/// How a table's rows tell whose they are: those of Kestrel or, where all of a program may, of Solstice.
fn own_rows(table: &str) -> &'static str {
    match table {
        "programs" => "id = portico_program_id()",
        "integration_checks" => "program_id = portico_program_id() AND is_live",
        "partner_types" | "roles" | "letter_texts" | "forms" | "review_settings" | "tiers" => {
            "program_id = portico_program_id()"
        }
        "form_versions" => "program_id = portico_program_id() AND state <> 'draft'",
        "campaigns" => {
            "program_id = portico_program_id() AND id IN (SELECT campaign_id FROM campaign_partners WHERE partner_id = portico_partner_id())"
        }
        "partners" => "id = portico_partner_id()",
        "users" => "id IN (SELECT user_id FROM memberships WHERE partner_id = portico_partner_id())",
        _ => "partner_id = portico_partner_id()",
    }
}

#[test]
fn t01_by_raw_sql_a_partner_sees_no_row_of_another_in_any_table() {
    let db = Database::new();
    fill_every_table(&db);
    let readable = db.values(&format!(
        "SELECT relname FROM ({TABLES}) t WHERE has_any_column_privilege('portico_partner', oid, 'SELECT') ORDER BY 1"
    ));
    assert!(readable.len() >= 7, "{readable:?}");
    for table in &readable {
        // As the owner first: there are rows of others to be seen.
        let rule = own_rows(table).replace("portico_partner_id()", &format!("'{}'", partner::KESTREL));
        let rule = rule.replace("portico_program_id()", &format!("'{}'", program::SOLSTICE));
        assert_ne!(
            db.value(&format!("SELECT count(*) FROM {table} WHERE NOT coalesce({rule}, false)")),
            "0",
            "{table}"
        );
        let check = |settings: &str, rule: &str| {
            db.try_run(&format!(
                "BEGIN; {settings} DO $$ BEGIN IF EXISTS (SELECT 1 FROM {table} WHERE NOT coalesce({rule}, false)) \
                   THEN RAISE EXCEPTION 'a foreign row of {table}'; END IF; END $$; ROLLBACK"
            ))
        };
        assert_eq!(check(&as_partner(partner::KESTREL), own_rows(table)), Ok(()));
        db.try_run("ROLLBACK").ok();
        // Without the settings: nothing at all.
        assert_eq!(check("SET LOCAL ROLE portico_partner;", "false"), Ok(()));
        db.try_run("ROLLBACK").ok();
    }
}

#[test]
fn t05_by_raw_sql_a_partner_cannot_change_or_add_a_row_of_another() {
    let db = Database::new();
    fill_every_table(&db);
    let before = db.snapshot();
    let writable = |right: &str| {
        db.values(&format!("SELECT relname FROM ({TABLES}) t WHERE has_any_column_privilege('portico_partner', oid, '{right}') ORDER BY 1"))
    };
    for table in writable("UPDATE") {
        let column = db.value(&format!(
            "SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND has_column_privilege('portico_partner', attrelid, attnum, 'UPDATE') LIMIT 1"
        ));
        let statement =
            format!("UPDATE {table} SET {column} = {column} WHERE NOT coalesce({}, false)", own_rows(&table));
        changes_nothing(&db, &statement);
    }
    for table in db.values(&format!(
        "SELECT relname FROM ({TABLES}) t WHERE has_table_privilege('portico_partner', oid, 'DELETE')"
    )) {
        changes_nothing(&db, &format!("DELETE FROM {table} WHERE NOT coalesce({}, false)", own_rows(&table)));
    }
    // Rows for another partner, and another partner's id on one's own row.
    for statement in [
        format!("INSERT INTO partner_logos VALUES ('{}', '')", partner::MERIDIAN),
        format!(
            "INSERT INTO memberships (id, program_id, partner_id, user_id, role, created_at) VALUES (gen_random_uuid(), '{}', '{}', '{}', 'admin', now())",
            program::SOLSTICE,
            partner::MERIDIAN,
            PIA.id
        ),
        format!("UPDATE memberships SET partner_id = '{}' WHERE user_id = '{}'", partner::MERIDIAN, PIA.id),
        format!(
            "INSERT INTO activity SELECT gen_random_uuid(), now(), '{}', '{}', NULL, '', '', false, false, '', '{{}}', '[]', '', ''",
            program::SOLSTICE,
            partner::MERIDIAN
        ),
        format!(
            "INSERT INTO file_templates (id, program_id, partner_id, name, process, format, layout, field_count, created_at, updated_at, updated_by_name) \
             VALUES (gen_random_uuid(), '{}', '{}', 'x', 'other', 'csv', '{{}}', 1, now(), now(), 'x')",
            program::SOLSTICE,
            partner::MERIDIAN
        ),
        format!("UPDATE file_templates SET partner_id = '{}'", partner::MERIDIAN),
        format!("UPDATE partners SET primary_contact_id = '{}' WHERE id = '{}'", MIRA.id, partner::KESTREL),
        format!("UPDATE partners SET is_hosting = true WHERE id = '{}'", partner::KESTREL),
        format!("UPDATE partners SET status = 'active' WHERE id = '{}'", partner::KESTREL),
        "UPDATE users SET name = 'x'".to_owned(),
        "SELECT password_hash FROM users".to_owned(),
        "SELECT * FROM sessions".to_owned(),
        "SELECT * FROM attempts".to_owned(),
        "DELETE FROM partners".to_owned(),
        "UPDATE form_versions SET questions = '[]'".to_owned(),
        "UPDATE forms SET activates = true".to_owned(),
        "UPDATE form_answers SET content = '[]' WHERE number > 0".to_owned(),
        "DELETE FROM form_answers".to_owned(),
        format!(
            "INSERT INTO form_files SELECT gen_random_uuid(), program_id, '{}', name, media, content, now() FROM form_files",
            partner::MERIDIAN
        ),
    ] {
        let refused = db.try_run(&format!("BEGIN; {} {statement}; COMMIT", as_partner(partner::KESTREL)));
        db.try_run("ROLLBACK").ok();
        assert!(refused.is_err(), "{statement}");
    }
    assert_eq!(db.snapshot(), before);
}

fn changes_nothing(db: &Database, statement: &str) {
    let outcome = db.try_run(&format!(
        "BEGIN; {} DO $$ DECLARE n integer; BEGIN {statement}; GET DIAGNOSTICS n = ROW_COUNT; \
         IF n > 0 THEN RAISE EXCEPTION 'changed % rows', n; END IF; END $$; ROLLBACK",
        as_partner(partner::KESTREL)
    ));
    db.try_run("ROLLBACK").ok();
    assert_eq!(outcome, Ok(()), "{statement}");
}

#[test]
fn neither_role_owns_anything_or_may_pass_the_walls() {
    let db = Database::new();
    for role in ROLES {
        none(
            db.values(&format!("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = '{role}'")),
            &format!("owned by {role}"),
        );
        assert_eq!(
            db.value(&format!(
                "SELECT concat_ws(' ', rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb) FROM pg_roles WHERE rolname = '{role}'"
            )),
            "f f f f f"
        );
        assert_eq!(db.value(&format!("SELECT has_schema_privilege('{role}', 'public', 'CREATE')")), "false");
        for table in [
            "sessions",
            "attempts",
            "password_resets",
            "email_changes",
            "second_factors",
            "recovery_codes",
            "mail_choices",
            "activity_chain",
            "activity_unchained",
            "__diesel_schema_migrations",
        ] {
            let rights = format!(
                "SELECT has_any_column_privilege('{role}', '{table}', 'SELECT, INSERT, UPDATE') OR has_table_privilege('{role}', '{table}', 'DELETE, TRUNCATE')"
            );
            assert_eq!(db.value(&rights), "false", "{role} reaches {table}");
        }
        none(
            db.values(&format!("SELECT relname FROM ({TABLES}) t WHERE has_table_privilege('{role}', oid, 'TRUNCATE, TRIGGER, REFERENCES')")),
            &format!("{role} may truncate"),
        );
        for column in ["password_hash", "auth_version"] {
            assert_eq!(
                db.value(&format!("SELECT has_column_privilege('{role}', 'users', '{column}', 'SELECT')")),
                "false"
            );
        }
    }
}

#[test]
fn t60_nobody_changes_the_activity_log_not_even_its_owner() {
    let db = Database::new();
    db.run("INSERT INTO activity_chain VALUES (1, now(), gen_random_uuid(), 1, sha256('x'))");
    let before = db.snapshot();
    for role in ["NONE", "portico_partner", "portico_host"] {
        for statement in [
            "UPDATE activity SET actor_name = 'somebody else'",
            "UPDATE activity SET event = event",
            "DELETE FROM activity",
            "TRUNCATE activity",
            "TRUNCATE activity CASCADE",
            "UPDATE activity_before SET kind = ''",
            "DELETE FROM activity_before",
            "TRUNCATE activity_before",
            "UPDATE activity_chain SET hash = hash",
            "DELETE FROM activity_chain",
            "TRUNCATE activity_chain",
        ] {
            let settings = format!(
                "SET LOCAL ROLE {role}; SELECT set_config('portico.program', '{}', true), set_config('portico.partner', '{}', true);",
                program::SOLSTICE,
                partner::KESTREL
            );
            let refused = db.try_run(&format!("BEGIN; {settings} {statement}; COMMIT"));
            db.try_run("ROLLBACK").ok();
            assert!(refused.is_err(), "{role}: {statement}");
        }
    }
    assert_eq!(db.snapshot(), before);
}

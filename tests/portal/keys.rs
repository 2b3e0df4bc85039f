//! `portico keys rotate`: everything that the secret key encrypts or seals goes over to another key, and the old one can
//! be thrown away.

use chrono::TimeDelta;
use portico::connections::seal;
use totp_rs::{Builder, Secret};

use crate::process::{ended, on};
use crate::support::app::KEY as OLD;
use crate::support::*;

const NEW: &str = "0b2c4d6e8fa1c3e5d7f90b1a2c3d4e5f60718293a4b5c6d7e8f9010203040506";
const SECRET: &str = "planted-secret-5d1e";

#[test]
fn t41_after_a_rotation_everything_opens_with_the_new_key_alone() {
    let (app, folder) = (TestApp::new(), tempfile::tempdir().unwrap());
    let command = |words: &[&str], key: &str, old: &[&str]| {
        let mut command = on(&folder, app.database());
        command.env("PORTICO_SECRET_KEY", key).env("PORTICO_OLD_SECRET_KEYS", format!("{old:?}"));
        ended(command.args(words))
    };
    // Credentials of a connection and of an integration, an authenticator app, and a sealed audit log.
    app.database().run("DELETE FROM integration_credentials; UPDATE connections SET auth = 'none', secret = NULL, secret_key_id = NULL");
    let id = connection::KESTREL.parse().unwrap();
    let sealed = seal::seal(&app.inside().sealer, id, &SECRET.to_owned().into()).unwrap();
    let bytes: String = sealed.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    app.database().run(&format!(
        "UPDATE connections SET auth = 'password', username = 'u', secret = '\\x{bytes}', secret_key_id = '{}' WHERE id = '{id}'",
        sealed.key_id
    ));
    let pia = app.as_(PIA);
    let item = integration::KESTREL;
    app.database().run(&format!("UPDATE integrations SET state = 'draft', revision = NULL, expected_at = NULL, publish_at = NULL WHERE id = '{item}'"));
    let version = || app.database().value(&format!("SELECT version FROM integrations WHERE id = '{item}'"));
    let form = [("version", version()), ("do", "store".to_owned()), ("credentials", SECRET.to_owned())];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let stored = pia.post(&format!("/integrations/{item}/credentials"), &form);
    assert_eq!(stored.status(), 303, "{}", stored.text());
    app.database()
        .run(&format!("UPDATE integrations SET state = 'in_review', expected_at = now() WHERE id = '{item}'"));
    let uma = app.as_(UMA);
    uma.post("/me/second-factor", &[("current_password", PASSWORD)]);
    let phone = Secret::try_from_base32(uma.get("/me/second-factor").first("#secret").replace(' ', "")).unwrap();
    let code = |at: &TestApp| {
        let totp = Builder::new().with_secret(phone.clone()).build_noncompliant();
        totp.generate(u64::try_from(at.now().timestamp()).unwrap()).to_string()
    };
    let confirmed = uma.post("/me/second-factor/confirm", &[("code", &code(&app))]);
    let recovery = confirmed.texts(".codes code");
    assert_eq!(recovery.len(), 10);
    assert_eq!(command(&["jobs", "run", "audit"], OLD, &[]).0, 0);

    // While the old key is beside the new one nobody is locked out; and nothing is lost without it.
    let with = |old: &[&str]| {
        let old: Vec<_> = old.iter().map(|key| (*key).to_owned().into()).collect();
        app.another_with(|config| {
            config.secret_key = Some(NEW.to_owned().into());
            config.old_secret_keys = old;
        })
    };
    let enters = |at: &TestApp, code: &str| {
        let visitor = at.anonymous();
        let form = [("email", UMA.email), ("password", PASSWORD), ("next", "/")];
        assert_eq!(visitor.post("/sign-in", &form).location(), "/sign-in/code");
        visitor.post("/sign-in/code", &[("code", code)]).status()
    };
    let both = with(&[OLD]);
    app.pass(TimeDelta::seconds(60));
    assert_eq!(enters(&both, &code(&both)), 303, "an app under the old key");
    assert_eq!(enters(&both, &recovery[0]), 303, "a recovery code under the old key");
    let (code_, out, _) = command(&["check"], NEW, &[OLD]);
    assert!(code_ == 0 && out.contains("3 secrets are encrypted with a key of old_secret_keys"), "{out}");
    let (code_, _, err) = command(&["keys", "rotate"], NEW, &[]);
    assert!(code_ == 1 && err.contains("3 are encrypted with a key that is neither"), "{err}");
    let (code_, out, _) = command(&["audit", "verify"], NEW, &[]);
    assert!(
        code_ == 1 && out.contains("SEAL:") && out.contains("neither secret_key nor among old_secret_keys"),
        "{out}"
    );

    let (code_, out, err) = command(&["keys", "rotate"], NEW, &[OLD]);
    assert_eq!(code_, 0, "{out}{err}");
    for says in ["1 test credentials", "1 credentials of connections", "1 second factors", "1 seals of the audit log"] {
        assert!(out.contains(says), "{out}");
    }
    let (code_, out, _) = command(&["keys", "rotate"], NEW, &[OLD]);
    assert!(code_ == 0 && out.lines().all(|line| line.starts_with("0 ")), "there is nothing left to do: {out}");

    // The old key is thrown away.
    let (code_, out, _) = command(&["check"], NEW, &[]);
    assert!(code_ == 0 && out.contains("3 are encrypted, with the present key"), "{out}");
    assert_eq!(command(&["jobs", "run", "audit"], NEW, &[]).0, 0, "the chain goes on");
    let (code_, out, _) = command(&["audit", "verify"], NEW, &[]);
    assert!(code_ == 0 && out.contains("The audit log is whole."), "{out}");
    let alone = with(&[]);
    app.pass(TimeDelta::seconds(60));
    assert_eq!(enters(&alone, &code(&alone)), 303);
    let opened = alone.as_(RUI).post(&format!("/integrations/{item}/credentials/opening"), &[]);
    assert!(opened.text().contains(SECRET), "{}", opened.text());
    let row = "SELECT encode(secret, 'hex') || ' ' || secret_key_id FROM connections WHERE secret IS NOT NULL";
    let row = app.database().value(row);
    let (hex, key_id) = row.split_once(' ').unwrap();
    let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    let sealed = portico::access::seal::Sealed { bytes, key_id: key_id.into() };
    let plain = seal::open(&alone.inside().sealer, id, &sealed).unwrap();
    assert_eq!(secrecy::ExposeSecret::expose_secret(&plain), SECRET);
    // What a key encrypts or seals names the key: no column of another table does, or it would have to be rotated too.
    let columns = app.database().values(
        "SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname LIKE '%key_id' ORDER BY 1",
    );
    assert_eq!(
        columns,
        [
            "activity_seals.key_id",
            "connections.secret_key_id",
            "integration_credentials.secret_key_id",
            "second_factors.key_id"
        ]
    );
}

//! Systems with a token of the API.

use serde_json::Value;

use super::{Answer, TestApp, contract};

/// A token that somebody made, for a partner: its name, scopes as JSON, until when, and whether it is revoked.
pub fn plant(app: &TestApp, partner: &str, name: &str, scopes: &str, until: &str, is_revoked: bool) -> String {
    let token = format!("portico_{name:B<43}");
    let revoked = if is_revoked { "'2026-11-19Z'" } else { "NULL" };
    app.database().run(&format!(
        "INSERT INTO api_tokens (id, program_id, partner_id, name, token_hash, hint, scopes, expires_at, created_at, created_by_name, revoked_at)
           SELECT gen_random_uuid(), program_id, id, '{name}', sha256('{token}'), 'BBBB', '{scopes}', '{until}', '2026-10-01Z', 'Somebody', {revoked}
           FROM partners WHERE id = '{partner}'"
    ));
    token
}

/// The same for a program.
pub fn plant_for_program(app: &TestApp, program: &str, name: &str, scopes: &str, until: &str) -> String {
    let token = format!("portico_{name:C<43}");
    app.database().run(&format!(
        "INSERT INTO api_tokens (id, program_id, name, token_hash, hint, scopes, expires_at, created_at, created_by_name)
           VALUES (gen_random_uuid(), '{program}', '{name}', sha256('{token}'), 'CCCC', '{scopes}', '{until}', '2026-10-01Z', 'Somebody')"
    ));
    token
}

/// Sends a request with a token.
pub fn ask(app: &TestApp, token: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
    ask_with(app, token, method, path, body, &[])
}

/// The same with more headers.
pub fn ask_with(
    app: &TestApp,
    token: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
    headers: &[(&str, &str)],
) -> Answer {
    let visitor = app.anonymous();
    let mut request = visitor.bare(method, path).header("Authorization", format!("Bearer {token}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.header("Content-Type", "application/json").body(body.to_string());
    }
    let answer = visitor.send(request);
    contract::check(method, path, &answer);
    answer
}

/// The body of an answer.
#[track_caller]
pub fn json(answer: &Answer) -> Value {
    serde_json::from_slice(answer.bytes()).unwrap_or_else(|_| panic!("no JSON: {}", answer.text()))
}

//! What is asked of all integrations at once: for the host's rules and lists of words.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, Jsonb, Nullable, Text};

use super::read;
use super::visible;
use crate::db::ReadTx;
use crate::db::ids::IntegrationId;
use crate::db::schema::integrations;
use crate::integrations::content::Content;
use crate::integrations::stage::State;
use crate::web::error::AppError;

const LIVE: &str = "(SELECT v.content FROM integration_versions v \
    WHERE v.integration_id = integrations.id AND v.number = integrations.live_number)";

/// What is published now, by name; at most so many.
///
/// # Errors
/// When the database does not answer.
pub fn published(tx: &mut ReadTx<'_>, most: i64) -> Result<Vec<(IntegrationId, String, Content)>, AppError> {
    let rows: Vec<(IntegrationId, String, Option<serde_json::Value>)> = visible(tx)
        .filter(integrations::state.eq(State::Published))
        .order((integrations::sort_name, integrations::id))
        .limit(most)
        .select((integrations::id, integrations::name, crate::db::sql::<Nullable<Jsonb>>(LIVE)))
        .load(tx.conn())?;
    let with_content = |(id, name, content): (IntegrationId, String, Option<serde_json::Value>)| {
        content.map(|content| read(content).map(|content| (id, name, content)))
    };
    rows.into_iter().filter_map(with_content).collect()
}

const CATEGORIES: &str = "ARRAY(SELECT jsonb_array_elements_text(integrations.content -> 'categories') \
    UNION SELECT jsonb_array_elements_text(v.content -> 'categories') FROM integration_versions v \
    WHERE v.integration_id = integrations.id AND v.number = integrations.live_number)";

/// How many integrations name each category, in what is written or published; archived ones are left out.
///
/// # Errors
/// When the database does not answer.
pub fn category_uses(tx: &mut ReadTx<'_>) -> Result<HashMap<String, usize>, AppError> {
    let rows: Vec<Vec<String>> = visible(tx)
        .filter(integrations::state.ne(State::Archived))
        .limit(20_000)
        .select(crate::db::sql::<Array<Text>>(CATEGORIES))
        .load(tx.conn())?;
    let mut uses = HashMap::new();
    for category in rows.into_iter().flatten() {
        *uses.entry(category).or_default() += 1;
    }
    Ok(uses)
}

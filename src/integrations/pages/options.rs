//! What the pages choose from: templates and connections of the same partner, and the program's categories.

use super::typed::{Configure, unknown};
use crate::connections::model::Direction;
use crate::connections::{self};
use crate::db::ReadTx;
use crate::db::ids::{ConnectionId, PartnerId, TemplateId};
use crate::file_templates;
use crate::integrations::content::{Content, Field, Named};
use crate::integrations::model::{Integration, Settings};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::FieldError;
use crate::web::listing::Keyset;

/// Longest lists.
const MOST: i64 = 200;

/// Ids and names.
pub type Options = Vec<(String, String)>;

/// The lists of the page Configure.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "named as the content's fields")]
pub struct Lists {
    pub templates: Options,
    pub sources: Options,
    pub targets: Options,
}

/// The partner's templates and connections; what is chosen already is there in any case.
///
/// # Errors
/// When the database does not answer.
pub fn lists(tx: &mut ReadTx<'_>, partner: PartnerId, chosen: &Content) -> Result<Lists, AppError> {
    let all = Keyset { size: MOST, at: None, backward: false };
    let filter = file_templates::store::Filter { partner: Some(partner), ..Default::default() };
    let templates = file_templates::store::list(tx, &filter, file_templates::store::Sort::Name, &all)?;
    let templates = templates.into_iter().map(|one| (one.id.to_string(), one.name)).collect();
    let filter = connections::store::Filter { partner: Some(partner), ..Default::default() };
    let connections = connections::store::list(tx, &filter, connections::store::Sort::Name, &all)?;
    let those = |not: Direction| -> Options {
        let fit = connections.iter().filter(|one| one.direction != not);
        fit.map(|one| (one.id.to_string(), format!("{} ({})", one.name, one.kind.label()))).collect()
    };
    Ok(Lists {
        templates: with(templates, chosen.template.as_ref().map(|one| (one.id.to_string(), one.name.clone()))),
        sources: with(those(Direction::Out), chosen.source.as_ref().map(|one| (one.id.to_string(), one.name.clone()))),
        targets: with(those(Direction::In), chosen.target.as_ref().map(|one| (one.id.to_string(), one.name.clone()))),
    })
}

fn with(mut options: Options, chosen: Option<(String, String)>) -> Options {
    options.extend(chosen.filter(|(id, _)| !options.iter().any(|(known, _)| known == id)));
    options
}

/// The program's categories, and those that are chosen though they are no longer among them.
pub fn categories(settings: &Settings, chosen: &Content) -> Vec<String> {
    let mut all = settings.categories();
    all.extend(chosen.categories.iter().filter(|one| !settings.categories().contains(one)).cloned());
    all
}

/// Refuses a category that is neither the program's nor chosen before.
///
/// # Errors
/// [`AppError::Invalid`] with the first.
pub fn known_categories(settings: &Settings, before: &Content, chosen: &[String]) -> Result<(), AppError> {
    let known = categories(settings, before);
    match chosen.iter().find(|one| !known.contains(one)) {
        None => Ok(()),
        Some(_) => Err(invalid(Field::Categories, "Choose from the list; the program changed it meanwhile.")),
    }
}

/// The error of one field.
pub fn invalid(field: Field, words: impl Into<String>) -> AppError {
    AppError::Invalid(vec![FieldError::new(field.key(), field.label(), words)])
}

/// The content with what was chosen, by the names that it has now. Another partner's is as unknown as nobody's.
///
/// # Errors
/// [`AppError::Invalid`] with what is not in the partner's lists.
pub fn configured(
    tx: &mut ReadTx<'_>,
    integration: &Integration,
    before: &Content,
    typed: Configure,
) -> Result<Content, AppError> {
    let template = typed.template.map(|id| template(tx, integration, id)).transpose()?;
    let source = typed.source.map(|id| connection(tx, integration, id, Field::Source)).transpose()?;
    let target = typed.target.map(|id| connection(tx, integration, id, Field::Target)).transpose()?;
    Ok(Content { template, source, target, ..before.clone() })
}

fn template(tx: &mut ReadTx<'_>, integration: &Integration, id: TemplateId) -> Result<Named<TemplateId>, AppError> {
    match file_templates::store::find(tx, id) {
        Ok(found) if found.partner_id == integration.partner_id => Ok(Named { id, name: found.facts.name.to_string() }),
        Ok(_) | Err(AppError::NotFound) => Err(invalid(Field::Template, unknown())),
        Err(other) => Err(other),
    }
}

fn connection(
    tx: &mut ReadTx<'_>,
    integration: &Integration,
    id: ConnectionId,
    field: Field,
) -> Result<Named<ConnectionId>, AppError> {
    let found = match connections::store::find(tx, &id.to_string()) {
        Ok(found) if found.partner_id == integration.partner_id => found,
        Ok(_) | Err(AppError::NotFound) => return Err(invalid(field, unknown())),
        Err(other) => return Err(other),
    };
    match (field, found.direction) {
        (Field::Source, Direction::Out) => {
            Err(invalid(field, format!("{} only sends. Choose one that Portico fetches from.", found.name)))
        }
        (Field::Target, Direction::In) => {
            Err(invalid(field, format!("{} is only fetched from. Choose one that Portico sends to.", found.name)))
        }
        _ => Ok(Named { id, name: found.name.to_string() }),
    }
}

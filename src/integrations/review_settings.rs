//! `/settings/review`: how the program reviews, and who publishes what partners of a type build.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::content::{Field, PageName};
use super::model::Settings;
use super::policy::ReviewPolicy;
use super::store;
use crate::access::session::leave_flash;
use crate::access::{Grant, Permission, ReadChecks, ReadForms, UpdateChecks};
use crate::activity::{Event, FieldChange};
use crate::app::App;
use crate::db::ids::PartnerTypeId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners::views::may;
use crate::programs;
use crate::values::{Choice, Refused, line, shown};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::counted;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// Categories at the most.
const MOST_CATEGORIES: usize = 60;
/// Longest category, in characters.
const LONGEST_CATEGORY: usize = 40;

/// How the program reviews.
#[derive(Template)]
#[template(path = "integrations/review_settings.html")]
struct SettingsPage {
    may_update: bool,
    sees_forms: bool,
    form: Form,
    settings: Settings,
    uses: Vec<(String, String)>,
    types: Vec<(String, String, &'static str)>,
    notice: Option<String>,
}

impl SettingsPage {
    fn pages(&self) -> &'static [PageName] {
        PageName::ALL
    }

    fn is_reviewed(&self, field: &Field) -> bool {
        self.form.values("reviewed").contains(&field.key())
    }

    fn reviewed(&self) -> String {
        names(&self.settings.reviewed_fields())
    }
}

fn names(fields: &[Field]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.label()).collect();
    if names.is_empty() { "None".into() } else { names.join(", ") }
}

fn filled(settings: &Settings) -> Form {
    let ticked = |on: bool| if on { "yes".to_owned() } else { String::new() };
    let reviewed = settings.reviewed_fields().into_iter().map(|field| ("reviewed", field.key().to_owned()));
    Form::filled(reviewed.chain([
        ("version", settings.version.to_string()),
        ("target_days", settings.target_days.to_string()),
        ("second_approver", ticked(settings.second_approver)),
        ("partners_republish", ticked(settings.partners_republish)),
        ("categories", settings.categories().join("\n")),
    ]))
}

/// What of the settings is chosen.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Business days in which a submission should be answered.
    pub target_days: i32,
    /// Whether publishing takes two people.
    pub second_approver: bool,
    /// Whether partners publish again what is unchanged.
    pub partners_republish: bool,
    /// What is changed by a revision only.
    pub reviewed_fields: Vec<Field>,
    /// What listings choose from.
    pub categories: Vec<String>,
}

fn days(typed: &str) -> Result<i32, Refused> {
    let text = typed.trim();
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let days = text.parse().ok().filter(|days| is_plain && (1..=60).contains(days));
    days.ok_or_else(|| "Enter a whole number of days from 1 to 60.".into())
}

fn categories(typed: &str) -> Result<Vec<String>, Refused> {
    let mut categories: Vec<String> = Vec::new();
    for typed in typed.lines().filter(|typed| !typed.trim().is_empty()) {
        let one = line(typed, LONGEST_CATEGORY).map_err(|refused| format!("“{}”: {refused}", shown(typed.trim())))?;
        if categories.iter().any(|known| known.to_lowercase() == one.to_lowercase()) {
            return Err(format!("“{one}” is there twice. Write each category once."));
        }
        categories.push(one);
    }
    match categories.len() {
        0..=MOST_CATEGORIES => Ok(categories),
        many => Err(format!("There are {many} categories; at most {MOST_CATEGORIES} are allowed.")),
    }
}

fn read(form: &Form) -> Result<Chosen, Form> {
    let mut check = form.check();
    let target_days = check.field("target_days", "Answer within", days);
    let categories = check.field("categories", "Categories", categories);
    let ticked = form.values("reviewed");
    let reviewed_fields: Vec<Field> = Field::ALL.iter().copied().filter(|one| ticked.contains(&one.key())).collect();
    if ticked.iter().any(|key| Field::from_key(key).is_none()) {
        check.refuse("reviewed", "Fields", "Choose among the fields of this list.");
    }
    check.done(|| {
        Some(Chosen {
            target_days: target_days?,
            second_approver: form.is_ticked("second_approver"),
            partners_republish: form.is_ticked("partners_republish"),
            reviewed_fields,
            categories: categories?,
        })
    })
}

fn used(count: usize) -> String {
    match count {
        0 => "no integration".into(),
        some => counted(some as i64, "integration", "integrations"),
    }
}

struct Loaded {
    settings: Settings,
    uses: HashMap<String, usize>,
    types: Vec<(String, String, &'static str)>,
}

fn loaded(tx: &mut ReadTx<'_>) -> Result<Loaded, AppError> {
    let mut types = Vec::new();
    for one in programs::store::types(tx)? {
        let policy = store::review_of_type(tx, one.id)?;
        types.push((format!("/settings/types/{}", one.id), one.name, policy.label()));
    }
    Ok(Loaded { settings: store::settings(tx)?, uses: store::category_uses(tx)?, types })
}

async fn show<P: Permission>(
    grant: &Grant<P>,
    app: &App,
    req: &HttpRequest,
    typed: Option<Form>,
    notice: Option<String>,
    status: StatusCode,
) -> PageResult {
    let Loaded { settings, uses, types } = app.db.read(grant, loaded).await?;
    let mut form = typed.unwrap_or_else(|| filled(&settings));
    if notice.is_some() {
        // Who saves after reading the notice knows what they replace.
        form.set("version", &settings.version.to_string());
    }
    let of = |name: String| (used(uses.get(&name).copied().unwrap_or_default()), name);
    let body = SettingsPage {
        may_update: may::<UpdateChecks>(grant.actor()),
        sees_forms: may::<ReadForms>(grant.actor()),
        uses: settings.categories().into_iter().map(of).map(|(count, name)| (name, count)).collect(),
        form,
        settings,
        types,
        notice,
    };
    Ok(Page::new("Review settings", Nav::Settings, body).status(status).answer(req))
}

/// `GET /settings/review`
///
/// # Errors
/// As every page.
pub async fn form(grant: Grant<ReadChecks>, app: Data<App>, req: HttpRequest) -> PageResult {
    show(&grant, &app, &req, None, None, StatusCode::OK).await
}

/// `POST /settings/review`
///
/// # Errors
/// As every page.
pub async fn save(grant: Grant<UpdateChecks>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    // 0 says that nothing was chosen before.
    let seen = if form.value("version") == "0" { 0 } else { form.version()? };
    let chosen = match read(&form) {
        Ok(chosen) => chosen,
        Err(form) => return show(&grant, &app, &req, Some(form), None, StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    match app.db.write(&grant, move |tx| saved(tx, seen, &chosen)).await {
        Ok(Some(said)) => {
            leave_flash(&req, "good", &said);
            Ok(see_other("/settings/review"))
        }
        Ok(None) => {
            leave_flash(&req, "info", "Nothing was changed: the settings are as before.");
            Ok(see_other("/settings/review"))
        }
        Err(AppError::Conflict(notice)) => {
            show(&grant, &app, &req, Some(form), Some(notice), StatusCode::CONFLICT).await
        }
        Err(error) => Err(error),
    }
}

/// The use case: the settings are changed; a sentence says what came of it, none when nothing was different.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn saved(tx: &mut WriteTx<'_, UpdateChecks>, seen: i32, to: &Chosen) -> Result<Change<Option<String>>, AppError> {
    let before = store::settings(tx)?;
    let after = Settings {
        target_days: to.target_days,
        second_approver: to.second_approver,
        partners_republish: to.partners_republish,
        reviewed_fields: to.reviewed_fields.iter().map(|field| field.key()).collect(),
        categories: to.categories.iter().map(String::as_str).collect(),
        ..before.clone()
    };
    let word = |on: bool| if on { "Yes" } else { "No" };
    let changes: Vec<FieldChange> = [
        FieldChange::of("Business days to answer in", before.target_days, after.target_days),
        FieldChange::of("Second approver", word(before.second_approver), word(after.second_approver)),
        FieldChange::of("Partners publish again", word(before.partners_republish), word(after.partners_republish)),
        FieldChange::of(
            "Fields changed by a revision only",
            names(&before.reviewed_fields()),
            names(&after.reviewed_fields()),
        ),
        FieldChange::of("Categories", before.categories().join(", "), after.categories().join(", ")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if changes.is_empty() {
        return Ok(Change::nothing(None));
    }
    store::save_settings(tx, seen, &after)?;
    let said = format!("Settings saved.{}", removed(tx, &before, &after)?);
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    Ok(Change::new(Some(said), Event::ReviewSettingsChanged { program, changes }))
}

/// What becomes of categories that were taken away.
fn removed(tx: &mut ReadTx<'_>, before: &Settings, after: &Settings) -> Result<String, AppError> {
    let (uses, kept) = (store::category_uses(tx)?, after.categories());
    let gone = before.categories().into_iter().filter(|name| !kept.contains(name));
    let words = gone.map(|name| match uses.get(&name).copied().unwrap_or_default() {
        0 => format!(" “{name}” was in no integration."),
        1 => format!(" “{name}” stays in 1 integration until that is edited."),
        some => format!(" “{name}” stays in {some} integrations until they are edited."),
    });
    Ok(words.collect())
}

/// `POST /settings/types/{id}/review`: who publishes what partners of a type build.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub async fn of_type(
    grant: Grant<UpdateChecks>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let id: PartnerTypeId = id.parse().map_err(|_| AppError::NotFound)?;
    let wrong = || AppError::BadRequest("Choose who publishes. Load the page again.".into());
    let policy = |field: &str| ReviewPolicy::from_key(form.value(field)).ok_or_else(wrong);
    let (seen, to) = (policy("seen")?, policy("review")?);
    let is_changed = app
        .db
        .write(&grant, move |tx| {
            let kind = programs::store::one_type(tx, id)?.kind;
            if store::review_of_type(tx, id)? == to {
                return Ok(Change::nothing(false));
            }
            store::set_review_of_type(tx, id, seen, to)?;
            let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
            let field = format!("Integrations of the type {}", kind.name);
            let changes = FieldChange::of(&field, seen.label(), to.label()).into_iter().collect();
            Ok(Change::new(true, Event::ReviewSettingsChanged { program, changes }))
        })
        .await?;
    let (tone, said) = if is_changed { ("good", "Saved.") } else { ("info", "Nothing was changed.") };
    leave_flash(&req, tone, said);
    Ok(see_other(&format!("/settings/types/{id}")))
}

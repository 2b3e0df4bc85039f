//! Which column means what: guessed by the headings, corrected by the person, checked before the first row is read.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::decide::Value;
use super::job;
use super::model::{Import, State, Task};
use super::plan::{Field, Plan};
use super::run::Mode;
use super::store;
use super::views::{Cell, ColumnsPage, FieldRow};
use crate::access::session::leave_flash;
use crate::access::{Grant, ImportPartners};
use crate::app::App;
use crate::db::blocking;
use crate::db::ids::ImportId;
use crate::imports::file::{self, Table, is_empty};
use crate::partners::model::{Category, Kind, Status};
use crate::programs;
use crate::programs::store::PartnerType;
use crate::values::{Choice, Zone};
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// Different values of a column that are offered for translation.
const OFFERED: usize = 20;

/// What the page needs.
struct Found {
    import: Import,
    table: Table,
    types: Vec<PartnerType>,
    zone: Zone,
}

async fn found(grant: &Grant<ImportPartners>, app: &App, id: ImportId) -> Result<Found, AppError> {
    let ((import, content), types, zone) = app
        .db
        .read(grant, move |tx| {
            let found = store::with_content(tx, id)?;
            Ok((found, programs::store::types(tx)?, programs::store::current(tx)?.time_zone))
        })
        .await?;
    let table = blocking(move || file::read(&content).map_err(AppError::Refused)).await?;
    Ok(Found { import, table, types, zone })
}

fn can_change(import: &Import) -> bool {
    matches!(import.state, State::Uploaded | State::Checked)
}

/// `GET /partners/import/{id}/columns`
///
/// # Errors
/// As every page.
pub async fn form(grant: Grant<ImportPartners>, app: Data<App>, id: Path<ImportId>, req: HttpRequest) -> PageResult {
    let id = id.into_inner();
    let found = found(&grant, &app, id).await?;
    if !can_change(&found.import) {
        return Ok(see_other(&super::address(id)));
    }
    let plan = found.import.plan().unwrap_or_else(|| Plan::guessed(&found.table.header));
    Ok(Page::new("Map columns", Nav::Partners, page(found, &plan, Vec::new())).answer(&req))
}

/// `POST /partners/import/{id}/columns`: keeps the plan and begins the check; with `look` only shows the values of
/// the chosen columns.
///
/// # Errors
/// As every page.
pub async fn save(
    grant: Grant<ImportPartners>,
    app: Data<App>,
    id: Path<ImportId>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let found = found(&grant, &app, id).await?;
    if !can_change(&found.import) {
        leave_flash(&req, "info", "This import has begun already; its columns stay as they are.");
        return Ok(see_other(&super::address(id)));
    }
    let plan = of_form(&form);
    if form.is_ticked("look") {
        return Ok(Page::new("Map columns", Nav::Partners, page(found, &plan, Vec::new())).answer(&req));
    }
    let mut problems = plan.problems(Some(&found.types));
    problems.extend(plan.places(&found.table.header).err().unwrap_or_default());
    if !problems.is_empty() {
        return Ok(Page::new("Map columns", Nav::Partners, page(found, &plan, problems)).refused().answer(&req));
    }
    if !job::begin(&app, &grant, id, Task::Check, Some(plan), Mode::LeaveOut).await? {
        leave_flash(&req, "info", "Somebody began the same already.");
    }
    Ok(see_other(&super::address(id)))
}

fn of_form(form: &Form) -> Plan {
    let mut plan = Plan::default();
    for field in Field::ALL.iter().copied() {
        let value = |what: &str| form.value(&format!("{what}-{}", field.key())).trim().to_owned();
        let (column, fixed) = (value("column"), value("set"));
        if !fixed.is_empty() {
            plan.fixed.insert(field, fixed);
        }
        if column.is_empty() {
            continue;
        }
        // Translations of another column that was chosen before mean nothing for this one.
        if value("of") == column {
            for place in 0..OFFERED {
                let cell = |what: &str| form.value(&format!("{what}-{}-{place}", field.key())).trim().to_owned();
                let (from, to) = (cell("from"), cell("to"));
                if !from.is_empty() && !to.is_empty() && !from.contains(char::is_control) {
                    plan.translations.entry(field).or_default().insert(from, to);
                }
            }
        }
        plan.columns.insert(field, column);
    }
    plan
}

fn page(found: Found, plan: &Plan, problems: Vec<FieldError>) -> ColumnsPage {
    let Found { import, table, types, zone } = found;
    let fields = Field::ALL.iter().map(|field| field_row(*field, plan, &table, &types, &zone)).collect();
    ColumnsPage {
        id: import.id,
        file: import.file_name,
        total: import.total.into(),
        problem: import.problem,
        samples: table.rows.iter().filter(|row| row.broken.is_none()).take(3).map(|row| row.cells.clone()).collect(),
        header: table.header,
        fields,
        form: Form::default().with_errors(problems),
    }
}

fn field_row(field: Field, plan: &Plan, table: &Table, types: &[PartnerType], zone: &Zone) -> FieldRow {
    let options = options(field, types);
    let column = plan.columns.get(&field).cloned().unwrap_or_default();
    let (cells, note) = if options.is_empty() { (Vec::new(), "") } else { cells(field, plan, table, types, &column) };
    FieldRow {
        key: field.key(),
        label: field.label(),
        required: field.is_required(),
        hint: match field {
            Field::Code => "Partners are matched by it.".into(),
            Field::Name => "Names may repeat.".into(),
            Field::Type => "Every partner has one.".into(),
            Field::Kind => "New ones are external organisations when nothing else is said.".into(),
            Field::Category => "New ones earn and spend when nothing else is said.".into(),
            Field::Status => "New ones are planned when nothing else is said.".into(),
            Field::TimeZone => format!("New ones are in {zone} when nothing else is said."),
            Field::SupportPhone | Field::SupportEmail | Field::Notes => "An empty cell empties it.".into(),
        },
        fixed: plan.fixed.get(&field).cloned().unwrap_or_default(),
        column,
        options,
        cells,
        note,
    }
}

/// The words of a field that has a few.
fn options(field: Field, types: &[PartnerType]) -> Vec<(String, String)> {
    fn all<C: Choice>() -> Vec<(String, String)> {
        C::ALL.iter().map(|one| (one.key().to_owned(), one.label().to_owned())).collect()
    }
    match field {
        Field::Type => types.iter().map(|one| (one.key.clone(), one.name.clone())).collect(),
        Field::Kind => all::<Kind>(),
        Field::Category => all::<Category>(),
        Field::Status => all::<Status>(),
        _ => Vec::new(),
    }
}

/// The different values of a column with what they mean; nothing to choose when all are our own words.
fn cells(field: Field, plan: &Plan, table: &Table, types: &[PartnerType], column: &str) -> (Vec<Cell>, &'static str) {
    let Some(place) = table.header.iter().position(|heading| heading == column && !column.is_empty()) else {
        return (Vec::new(), "");
    };
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for cell in table.rows.iter().filter(|row| row.broken.is_none()).filter_map(|row| row.cells.get(place)) {
        if !is_empty(cell) {
            *counts.entry(cell.trim()).or_default() += 1;
        }
        if counts.len() > OFFERED {
            return (Vec::new(), "More than 20 different values, so none is translated: the file must use our words.");
        }
    }
    let known = |cell: &str| Value::checked(field, cell, Some(types)).is_ok();
    let given = plan.translations.get(&field);
    if given.is_none() && counts.keys().all(|cell| known(cell)) {
        return (Vec::new(), "All its values are known.");
    }
    let options = options(field, types);
    let guess = |cell: &str| {
        let like = |word: &String| word.eq_ignore_ascii_case(cell);
        options.iter().find(|(key, label)| like(key) || like(label)).map(|(key, _)| key.clone()).unwrap_or_default()
    };
    let meaning = |cell: &str| given.and_then(|all| all.get(cell)).cloned().unwrap_or_else(|| guess(cell));
    let cells = counts.into_iter().map(|(from, count)| Cell { from: from.to_owned(), count, to: meaning(from) });
    (cells.collect(), "")
}

//! Before an import is written, and before it is taken back: what that does, and a button.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::handlers::ready;
use super::job;
use super::model::{Import, State, Task};
use super::run::Mode;
use super::store;
use super::views::ApplyPage;
use crate::access::session::leave_flash;
use crate::access::{Grant, ImportPartners};
use crate::app::App;
use crate::db::ids::ImportId;
use crate::partners::views::ConfirmPage;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::{exactly, grouped};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

async fn found(grant: &Grant<ImportPartners>, app: &App, id: ImportId) -> Result<Import, AppError> {
    app.db.read(grant, move |tx| store::find(tx, id)).await
}

/// `GET /partners/import/{id}/apply`
///
/// # Errors
/// As every page.
pub async fn confirm(grant: Grant<ImportPartners>, app: Data<App>, id: Path<ImportId>, req: HttpRequest) -> PageResult {
    let id = id.into_inner();
    let import = found(&grant, &app, id).await?;
    if import.state != State::Checked {
        return Ok(see_other(&super::address(id)));
    }
    Ok(Page::new("Apply the import?", Nav::Partners, page(&import, Form::filled([("mode", "leave".into())])))
        .answer(&req))
}

fn page(import: &Import, form: Form) -> ApplyPage {
    let mut effects = Vec::new();
    let partners = |count: i32| exactly(count.into(), "partner", "partners");
    if import.created > 0 {
        effects.push(format!("Creates {}.", partners(import.created)));
    }
    if import.updated > 0 {
        effects.push(format!("Updates {}: only what the file says.", partners(import.updated)));
    }
    if import.unchanged > 0 {
        effects.push(format!("Leaves {} as they are.", partners(import.unchanged)));
    }
    effects.push("It is one step: if it cannot be finished, nothing of it is written.".into());
    effects.push("Each change stands in the partner’s activity with your name.".into());
    effects.push("You can undo it as a whole for 30 days, as far as nobody changed the partners since.".into());
    ApplyPage {
        address: super::address(import.id),
        file: import.file_name.clone(),
        changes: changes(import),
        refused: import.refused,
        effects,
        form,
    }
}

fn changes(import: &Import) -> String {
    match import.created + import.updated {
        1 => "1 change".into(),
        count => format!("{} changes", grouped(count.into())),
    }
}

/// `POST /partners/import/{id}/apply`
///
/// # Errors
/// As every page.
pub async fn apply(
    grant: Grant<ImportPartners>,
    app: Data<App>,
    id: Path<ImportId>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    ready(grant.actor())?;
    let id = id.into_inner();
    let import = found(&grant, &app, id).await?;
    let mut check = form.check();
    let mode = check.field("mode", "Rows with errors", |typed| match typed {
        // Without refused rows there is nothing to choose.
        "leave" | "" => Ok(Mode::LeaveOut),
        "nothing" => Ok(Mode::AllOrNothing),
        _ => Err("Choose one.".into()),
    });
    let mode = match check.done(|| mode) {
        Ok(mode) => mode,
        Err(form) => {
            return Ok(Page::new("Apply the import?", Nav::Partners, page(&import, form)).refused().answer(&req));
        }
    };
    // Of two clicks the second finds it taken, and sees the same page.
    if !job::begin(&app, &grant, id, Task::Apply, None, mode).await? {
        leave_flash(&req, "info", "This import has begun already, so it was not begun twice.");
    }
    Ok(see_other(&super::address(id)))
}

/// `GET /partners/import/{id}/undo`
///
/// # Errors
/// [`AppError::Refused`] after 30 days.
pub async fn confirm_undo(
    grant: Grant<ImportPartners>,
    app: Data<App>,
    id: Path<ImportId>,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let import = found(&grant, &app, id).await?;
    if import.state != State::Applied {
        return Ok(see_other(&super::address(id)));
    }
    in_time(&import, &app)?;
    let body = ConfirmPage {
        crumbs: vec![
            ("/partners".into(), "Partners".into()),
            ("/partners/import".into(), "Import".into()),
            (super::address(id), import.file_name.clone()),
        ],
        title: "Undo this import?".into(),
        lead: format!("{} is taken back as a whole, in one step.", import.file_name),
        effects: taken_back(&import)
            .into_iter()
            .chain([
                "What is left as it is will be listed with the reason.".into(),
                "An undone import cannot be applied again; upload the file once more for that.".into(),
            ])
            .collect(),
        skipped: Vec::new(),
        action: super::below(id, "undo"),
        button: "Undo the import".into(),
        harsh: true,
        cancel: super::address(id),
        reason: None,
        tick: None,
        hidden: Vec::new(),
        form: Form::default(),
    };
    Ok(Page::new(body.title.clone(), Nav::Partners, body).answer(&req))
}

/// What an undo does to the partners that the import touched; nothing is said of what did not occur.
fn taken_back(import: &Import) -> Vec<String> {
    let partners = |count: i32| exactly(count.into(), "partner", "partners");
    let removed = (import.created > 0)
        .then(|| format!("Removes {} that it created, unless changed since or with users.", partners(import.created)));
    let restored = (import.updated > 0).then(|| {
        format!("Gives {} that it updated the values from before, unless changed since.", partners(import.updated))
    });
    removed.into_iter().chain(restored).collect()
}

fn in_time(import: &Import, app: &App) -> Result<(), AppError> {
    if import.undo_until().is_some_and(|until| until >= app.db.now()) {
        return Ok(());
    }
    Err(AppError::Refused("An import can be undone for 30 days; this one is older.".into()))
}

/// `POST /partners/import/{id}/undo`
///
/// # Errors
/// [`AppError::Refused`] after 30 days.
pub async fn undo(grant: Grant<ImportPartners>, app: Data<App>, id: Path<ImportId>, req: HttpRequest) -> PageResult {
    let id = id.into_inner();
    let import = found(&grant, &app, id).await?;
    if import.state == State::Applied {
        in_time(&import, &app)?;
    }
    if !job::begin(&app, &grant, id, Task::Undo, None, Mode::LeaveOut).await? {
        leave_flash(&req, "info", "This import is not one that can be undone now. Look at how it stands.");
    }
    Ok(see_other(&super::address(id)))
}

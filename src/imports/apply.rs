//! Writing an import that was checked, and taking it back.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::model::{Report, State};
use super::run::{self, Order};
use super::undo::{in_time, undone};
use super::{Subject, address, crumbs, file, store};
use crate::access::Grant;
use crate::access::session::leave_flash;
use crate::app::App;
use crate::db::blocking;
use crate::db::ids::FileImportId;
use crate::partners::views::ConfirmPage;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::exactly;
use crate::web::page::{Page, PageResult};
use crate::web::see_other;

/// `POST …/import/{id}/apply`: everything but the refused rows, in one step.
///
/// # Errors
/// [`AppError::Conflict`] when it was applied meanwhile, or somebody changes one of its products just now.
pub async fn apply<S: Subject>(
    grant: Grant<S::May>,
    app: Data<App>,
    id: Path<FileImportId>,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let (import, content) = app.db.read(&grant, move |tx| store::with_content::<S>(tx, id)).await?;
    if import.state != State::Checked {
        leave_flash(&req, "info", "This import is not one that can be applied now. Look at how it stands.");
        return Ok(see_other(&address::<S>(id)));
    }
    let table = blocking(move || file::read(&content).map_err(AppError::Refused)).await?;
    let report = app
        .db
        .write(&grant, move |tx| {
            let plan = import.plan::<S>();
            let order: Order<'_, S> =
                Order { file: &import.file_name, plan: &plan, table: &table, all_or_nothing: false };
            let change = run::import(tx, &order)?;
            // Without a change nothing is kept, and the import stays as it was checked.
            let mut found = Report::<S>::default();
            let change = change.map(|report| found.clone_from(&report));
            if found.changes() > 0 {
                store::finish(tx, id, &found)?;
            }
            Ok(change.map(|()| found))
        })
        .await?;
    match report.changes() {
        0 => leave_flash(&req, "info", "Nothing was different, so nothing was written."),
        count => {
            let records = exactly(count.into(), S::WORDS.one, S::WORDS.many);
            leave_flash(&req, "good", &format!("{records} created or updated."));
        }
    }
    Ok(see_other(&address::<S>(id)))
}

/// `GET …/import/{id}/undo`
///
/// # Errors
/// [`AppError::Refused`] after 30 days.
pub async fn confirm_undo<S: Subject>(
    grant: Grant<S::May>,
    app: Data<App>,
    id: Path<FileImportId>,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let import = app.db.read(&grant, move |tx| store::find::<S>(tx, id)).await?;
    if import.state != State::Applied {
        return Ok(see_other(&address::<S>(id)));
    }
    in_time(&import, app.db.now())?;
    let (report, kept) = (import.report::<S>(), S::WORDS.kept);
    let records = |count: i32| exactly(count.into(), S::WORDS.one, S::WORDS.many);
    let removed = (report.created > 0)
        .then(|| format!("Removes {} that it created, unless {kept} since.", records(report.created)));
    let restored = (report.updated > 0).then(|| {
        format!("Gives {} that it updated the values from before, unless changed since.", records(report.updated))
    });
    let rest = [
        "What is left as it is will be listed with the reason.".to_owned(),
        "An undone import cannot be applied again; upload the file once more for that.".to_owned(),
    ];
    let body = ConfirmPage {
        crumbs: crumbs::<S>(&import),
        title: "Undo this import?".into(),
        lead: format!("{} is taken back as a whole, in one step.", import.file_name),
        effects: removed.into_iter().chain(restored).chain(rest).collect(),
        skipped: Vec::new(),
        action: format!("{}/undo", address::<S>(id)),
        button: "Undo the import".into(),
        harsh: true,
        cancel: address::<S>(id),
        reason: None,
        tick: None,
        hidden: Vec::new(),
        form: Form::default(),
    };
    Ok(Page::new(body.title.clone(), S::WORDS.nav, body).answer(&req))
}

/// `POST …/import/{id}/undo`
///
/// # Errors
/// [`AppError::Refused`] after 30 days.
pub async fn undo<S: Subject>(
    grant: Grant<S::May>,
    app: Data<App>,
    id: Path<FileImportId>,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let import = app.db.read(&grant, move |tx| store::find::<S>(tx, id)).await?;
    if import.state != State::Applied {
        leave_flash(&req, "info", "This import is not one that can be undone now. Look at how it stands.");
        return Ok(see_other(&address::<S>(id)));
    }
    app.db.write(&grant, move |tx| undone::<S>(tx, &import)).await?;
    leave_flash(&req, "good", "The import is undone.");
    Ok(see_other(&address::<S>(id)))
}

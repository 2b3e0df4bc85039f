//! Writing an import that was checked, and taking it back.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::model::{Report, State};
use super::run::{self, Order};
use super::{store, undo};
use crate::access::session::leave_flash;
use crate::access::{CreateProduct, Grant};
use crate::app::App;
use crate::db::blocking;
use crate::db::ids::ProductImportId;
use crate::partners::import::file;
use crate::partners::views::ConfirmPage;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::exactly;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// `POST /products/import/{id}/apply`: everything but the refused rows, in one step.
///
/// # Errors
/// [`AppError::Conflict`] when it was applied meanwhile, or somebody changes one of its products just now.
pub async fn apply(
    grant: Grant<CreateProduct>,
    app: Data<App>,
    id: Path<ProductImportId>,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let (import, content) = app.db.read(&grant, move |tx| store::with_content(tx, id)).await?;
    if import.state != State::Checked {
        leave_flash(&req, "info", "This import is not one that can be applied now. Look at how it stands.");
        return Ok(see_other(&super::address(id)));
    }
    let table = blocking(move || file::read(&content).map_err(AppError::Refused)).await?;
    let report = app
        .db
        .write(&grant, move |tx| {
            let plan = import.plan();
            let order = Order { file: &import.file_name, plan: &plan, table: &table, all_or_nothing: false };
            let change = run::import(tx, &order)?;
            // Without a change nothing is kept, and the import stays as it was checked.
            let mut found = Report::default();
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
            let products = exactly(count.into(), "product is", "products are");
            leave_flash(&req, "good", &format!("{products} created or updated."));
        }
    }
    Ok(see_other(&super::address(id)))
}

/// `GET /products/import/{id}/undo`
///
/// # Errors
/// [`AppError::Refused`] after 30 days.
pub async fn confirm_undo(
    grant: Grant<CreateProduct>,
    app: Data<App>,
    id: Path<ProductImportId>,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let import = app.db.read(&grant, move |tx| store::find(tx, id)).await?;
    if import.state != State::Applied {
        return Ok(see_other(&super::address(id)));
    }
    if import.undo_until().is_none_or(|until| until < app.db.now()) {
        return Err(AppError::Refused("An import can be undone for 30 days; this one is older.".into()));
    }
    let report = import.report();
    let products = |count: i32| exactly(count.into(), "product", "products");
    let removed = (report.created > 0).then(|| {
        format!("Removes {} that it created, unless changed, assigned or redeemed since.", products(report.created))
    });
    let restored = (report.updated > 0).then(|| {
        format!("Gives {} that it updated the values from before, unless changed since.", products(report.updated))
    });
    let rest = [
        "What is left as it is will be listed with the reason.".to_owned(),
        "An undone import cannot be applied again; upload the file once more for that.".to_owned(),
    ];
    let body = ConfirmPage {
        crumbs: vec![
            ("/products".into(), "Products".into()),
            ("/products/import".into(), "Import".into()),
            (super::address(id), import.file_name.clone()),
        ],
        title: "Undo this import?".into(),
        lead: format!("{} is taken back as a whole, in one step.", import.file_name),
        effects: removed.into_iter().chain(restored).chain(rest).collect(),
        skipped: Vec::new(),
        action: format!("{}/undo", super::address(id)),
        button: "Undo the import".into(),
        harsh: true,
        cancel: super::address(id),
        reason: None,
        tick: None,
        hidden: Vec::new(),
        form: Form::default(),
    };
    Ok(Page::new(body.title.clone(), Nav::Products, body).answer(&req))
}

/// `POST /products/import/{id}/undo`
///
/// # Errors
/// [`AppError::Refused`] after 30 days.
pub async fn undo(
    grant: Grant<CreateProduct>,
    app: Data<App>,
    id: Path<ProductImportId>,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let import = app.db.read(&grant, move |tx| store::find(tx, id)).await?;
    if import.state != State::Applied {
        leave_flash(&req, "info", "This import is not one that can be undone now. Look at how it stands.");
        return Ok(see_other(&super::address(id)));
    }
    app.db.write(&grant, move |tx| undo::undone(tx, &import)).await?;
    leave_flash(&req, "good", "The import is undone.");
    Ok(see_other(&super::address(id)))
}

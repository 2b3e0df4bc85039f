//! `/integrations/{id}/views`: what a reviewer looked at, and that they are looking.

use actix_web::web::{Data, Path};

use super::handlers::Look;
use super::{address, is_submitted, store};
use crate::access::grant::own_account;
use crate::access::{Grant, Permission, ReviewIntegration};
use crate::app::App;
use crate::integrations::content::PageName;
use crate::integrations::model::Integration;
use crate::integrations::store as integrations;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::PageResult;
use crate::web::see_other;

/// `POST /integrations/{id}/views`: marks a page of the last submission as viewed, and goes to the next one if wanted.
///
/// # Errors
/// As every page; [`AppError::Refused`] when there is no submission to look at.
pub async fn view(grant: Grant<ReviewIntegration>, app: Data<App>, id: Path<String>, form: Form) -> PageResult {
    let user = own_account(grant.actor())?;
    let page = PageName::from_key(form.value("page"))
        .ok_or_else(|| AppError::BadRequest("The form names no page. Load the page again.".into()))?;
    let asked = id.clone();
    let integration = app.db.read(&grant, move |tx| integrations::find(tx, &asked)).await?;
    if !is_submitted(&integration) {
        return Err(AppError::Refused("It is not in review now, so there is no submission to look through.".into()));
    }
    // Nobody's act: what one has looked at concerns oneself alone, and is no line of the activity.
    app.db.system("mark a page of a review as viewed", move |tx| store::mark(tx, &integration, user, page)).await?;
    let next = PageName::from_key(form.value("next")).unwrap_or(page);
    Ok(see_other(&address(&id, next, Look::since(&form))))
}

/// Notes that a reviewer has the page open; whoever only looks through another's eyes leaves no trace.
pub(super) async fn note<P: Permission>(grant: &Grant<P>, app: &App, of: &Integration) -> Result<(), AppError> {
    let actor = grant.actor();
    let (Some(user), None) = (actor.user(), actor.viewer()) else { return Ok(()) };
    if !crate::partners::views::may::<ReviewIntegration>(actor) {
        return Ok(());
    }
    let (of, name) = (of.clone(), actor.name().to_owned());
    app.db.system("note who reads a review", move |tx| store::reads(tx, &of, user, &name)).await
}

//! `/integrations/{id}/views` and `…/readers`: what a reviewer looked at, and that they are looking.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use askama::Template;

use super::handlers::Look;
use super::views::{Reader, reading};
use super::{address, is_submitted, store};
use crate::access::grant::own_account;
use crate::access::{Grant, ReviewIntegration};
use crate::app::App;
use crate::integrations::content::PageName;
use crate::integrations::store as integrations;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::{see_other, wants_fragment};

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

/// Who has the review open besides, to be shown in the head of the page.
#[derive(Template)]
#[template(path = "integrations/_readers.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct Readers {
    pub readers: Vec<Reader>,
    pub reading: String,
}

/// `POST /integrations/{id}/readers`: a reviewer's page says that it is open, and learns who else has it open.
///
/// # Errors
/// As every page.
pub async fn read(grant: Grant<ReviewIntegration>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let (user, name) = (own_account(grant.actor())?, grant.actor().name().to_owned());
    let asked = id.clone();
    let (of, others) = app
        .db
        .read(&grant, move |tx| {
            let of = integrations::find(tx, &asked)?;
            let others = store::readers(tx, &of)?;
            Ok((of, others))
        })
        .await?;
    let address = crate::integrations::address(of.id);
    // Nobody's act: it is forgotten after two minutes.
    app.db.system("note who reads a review", move |tx| store::reads(tx, &of, user, &name)).await?;
    if !wants_fragment(&req) {
        return Ok(see_other(&format!("{address}/review")));
    }
    let readers: Vec<Reader> = others.iter().map(|(id, name)| Reader::new(*id, name)).collect();
    let body = Readers { reading: reading(&readers), readers };
    Ok(Page::new("Readers", Nav::Integrations, body).region(|body| body.render()).answer(&req))
}

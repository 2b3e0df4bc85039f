//! `GET /integrations/{id}/review`: what was submitted, beside what it is compared with and what was said about it.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::found;
use super::page::review_page;
use super::views::{Compose, ReviewPage, Since, Verdict};
use crate::access::{Grant, Permission, ReadIntegration, Scope};
use crate::app::App;
use crate::db::ReadTx;
use crate::integrations::content::{PageName, Spot};
use crate::integrations::feedback;
use crate::integrations::feedback::views::Back;
use crate::integrations::list;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::Params;
use crate::web::page::{Nav, Page, PageResult};

/// What of a review is looked at.
#[derive(Clone, Debug)]
pub struct Look {
    pub(super) page: PageName,
    pub(super) since: Option<Since>,
    /// On which place feedback is being written: none, the whole page, or a field.
    pub(super) compose: Option<Option<Spot>>,
    pub(super) criterion: String,
    pub(super) resolved: bool,
}

impl Look {
    /// As an address says; what it does not say is the first page and the most useful comparison.
    pub fn read(params: &Params) -> Look {
        Look {
            page: PageName::from_key(params.get("page")).unwrap_or(PageName::General),
            since: Since::from_key(params.get("since")),
            compose: match params.get("field") {
                "" => None,
                field => Some(field.parse().ok()),
            },
            criterion: params.get("check").to_owned(),
            resolved: params.get("show") == "resolved",
        }
    }

    /// What a form's page was compared with, so that its answer leads back there.
    pub fn since(form: &Form) -> Option<Since> {
        Since::from_key(form.value("since"))
    }

    fn of_form(form: &Form) -> Look {
        Look {
            page: PageName::from_key(form.value("page")).unwrap_or(PageName::General),
            since: Look::since(form),
            compose: None,
            criterion: form.value("criterion").to_owned(),
            resolved: false,
        }
    }
}

/// `GET /integrations/{id}/review`
///
/// # Errors
/// As every page.
pub async fn show(
    grant: Grant<ReadIntegration>,
    app: Data<App>,
    id: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let look = Look::read(&params);
    let mut body = app.db.read(&grant, move |tx| review_page(tx, &id, &look)).await?;
    place(&grant, &app, &mut body).await?;
    Ok(Page::new(title(&body), Nav::Integrations, body).region(ReviewPage::polled).answer(&req))
}

fn title(body: &ReviewPage) -> String {
    format!("Review of {}", body.integration.name)
}

/// A partner's people learn how many are before them.
async fn place(grant: &Grant<ReadIntegration>, app: &App, body: &mut ReviewPage) -> Result<(), AppError> {
    let Scope::Partner { program, .. } = grant.actor().scope() else { return Ok(()) };
    if body.waiting.is_some() {
        let id = body.integration.id;
        let places = app
            .db
            .system("tell a partner the place of a submission", move |tx| list::store::places(tx, program, &[id]))
            .await?;
        body.place = places.get(&id).copied();
    }
    Ok(())
}

/// A form of this page that was refused.
pub enum Refused {
    /// New feedback.
    New(Form),
    /// An answer in an item.
    Reply(String, Form),
    /// A verdict.
    Verdict(Form),
}

/// The page again, with what was typed and what is wrong with it: 422.
///
/// # Errors
/// As [`show`].
pub async fn again<P: Permission>(
    grant: &Grant<P>,
    app: &App,
    id: &str,
    refused: Refused,
    req: &HttpRequest,
) -> Result<HttpResponse, AppError> {
    let Some(reads) = grant.also::<ReadIntegration>() else {
        return Err(AppError::Forbidden("Your role does not include integrations.".into()));
    };
    let id = id.to_owned();
    let mut body = app.db.read(&reads, move |tx| refused_page(tx, &id, refused)).await?;
    place(&reads, app, &mut body).await?;
    Ok(Page::new(title(&body), Nav::Integrations, body).refused().answer(req))
}

fn refused_page(tx: &mut ReadTx<'_>, id: &str, refused: Refused) -> Result<ReviewPage, AppError> {
    match refused {
        Refused::New(form) => {
            let spot = form.value("field").parse().ok();
            let look = Look { compose: Some(spot), ..Look::of_form(&form) };
            let mut body = review_page(tx, id, &look)?;
            body.compose = body.compose.map(|compose| Compose { form, ..compose });
            Ok(body)
        }
        Refused::Reply(thread, form) => {
            let (integration, _) = found(tx, id)?;
            let thread = feedback::store::find(tx, &integration, &thread)?;
            let look = Look { page: thread.page, resolved: thread.is_resolved(), ..Look::of_form(&form) };
            let mut body = review_page(tx, id, &look)?;
            if form.is("back", Back::Edit.key()) {
                body.feedback.back = Back::Edit;
            }
            body.feedback.refused = Some((thread.id, form));
            Ok(body)
        }
        Refused::Verdict(form) => {
            let mut body = review_page(tx, id, &Look::of_form(&form))?;
            body.verdict = body.verdict.map(|verdict| Verdict { form, ..verdict });
            Ok(body)
        }
    }
}

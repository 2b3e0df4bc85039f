//! An integration as it is read: what is live, or what is being written.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::access::session::leave_flash;
use crate::access::{Grant, Permission, ReadActivity, ReadIntegration};
use crate::activity::views::Entry;
use crate::activity::{self, IntegrationEvent};
use crate::app::App;
use crate::db::{Change, ReadTx, WriteTx};
use crate::integrations::content::Content;
use crate::integrations::credentials::about;
use crate::integrations::shown::{Sheet, sheets};
use crate::integrations::stage::State;
use crate::integrations::views::Header;
use crate::integrations::{self, store};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::Params;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;

/// Lines of history on the page.
const RECENT: usize = 10;

/// One integration.
#[derive(Template)]
#[template(path = "integrations/show.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ShowPage {
    pub header: Header,
    pub sheets: Vec<Sheet>,
    /// The live version's number when that is shown.
    pub live: Option<i32>,
    /// Where the other of live and working content is shown, and in how many fields they differ.
    pub other: Option<(String, usize)>,
    pub history: Vec<Entry>,
    pub sees_activity: bool,
    pub created: When,
    pub created_by: String,
    pub updated: When,
    pub updated_by: String,
}

/// `GET /integrations/{id}`
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
    let shows_work = params.get("shown") == "work";
    let body = app.db.read(&grant, move |tx| page(tx, &id, shows_work)).await?;
    Ok(Page::new(body.header.name.clone(), Nav::Integrations, body).answer(&req))
}

fn page(tx: &mut ReadTx<'_>, id: &str, shows_work: bool) -> Result<ShowPage, AppError> {
    let integration = store::find(tx, id)?;
    let work = store::content(tx, &integration)?;
    let live = store::live(tx, &integration)?.filter(|_| integration.state == State::Published);
    let address = integrations::address(integration.id);
    let (content, number, other) = match live {
        Some(live) => {
            let differing = differing(&work, &live);
            let other = |shown: &str| (differing > 0).then(|| (format!("{address}{shown}"), differing));
            if shows_work { (work, None, other("")) } else { (live, integration.live_number, other("?shown=work")) }
        }
        None => (work, None, None),
    };
    let sees_activity = tx.actor().may(&ReadActivity::RULE);
    let (now, zone) = (tx.now(), tx.actor().zone());
    let mut history = Vec::new();
    if sees_activity {
        let filter = activity::store::Filter {
            partner: Some(integration.partner_id),
            integration: Some(integration.id),
            ..activity::store::Filter::default()
        };
        history = activity::handlers::entries(tx, &filter, &Params::default(), zone)?.rows;
        history.truncate(RECENT);
    }
    Ok(ShowPage {
        header: Header::load(tx, &integration)?,
        sheets: sheets(integration.id, &content),
        live: number,
        other,
        history,
        sees_activity,
        created: When::new(integration.created_at, now, zone),
        created_by: integration.created_by_name,
        updated: When::new(integration.updated_at, now, zone),
        updated_by: integration.updated_by_name,
    })
}

/// In how many fields two contents differ; answers are put in only when it is submitted.
fn differing(work: &Content, live: &Content) -> usize {
    let work = Content { answers: live.answers.clone(), ..work.clone() };
    work.changed_from(live).len()
}

/// `POST /integrations/{id}/following`: begins or stops to follow it.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub async fn follow(
    grant: Grant<ReadIntegration>,
    app: Data<App>,
    id: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let wanted = !form.is("follow", "no");
    let (address, name) = app.db.write(&grant, move |tx| followed(tx, &id, wanted)).await?;
    let said = match wanted {
        true => format!("You follow {name}: letters tell you when it is published."),
        false => format!("You no longer follow {name}."),
    };
    leave_flash(&req, "good", &said);
    Ok(see_other(&address))
}

/// The use case: somebody begins or stops to follow.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope, and for the command line.
pub fn followed(
    tx: &mut WriteTx<'_, ReadIntegration>,
    id: &str,
    wanted: bool,
) -> Result<Change<(String, String)>, AppError> {
    let integration = store::find(tx, id)?;
    let user = tx.actor().user().ok_or(AppError::NotFound)?;
    let value = (integrations::address(integration.id), integration.name.clone());
    if !store::set_following(tx, &integration, user, wanted)? {
        return Ok(Change::nothing(value));
    }
    let event = if wanted { IntegrationEvent::Followed } else { IntegrationEvent::Unfollowed };
    Ok(Change::new(value, about(&integration, event)))
}

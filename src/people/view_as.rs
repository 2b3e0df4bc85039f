//! Looking at the portal as a member sees it: who may, why, for how long, and who is told.

use actix_session::SessionExt;
use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use chrono::TimeDelta;

use super::UserStatus;
use super::members::{held, respect_powers};
use super::store::{self, Member};
use super::views::ViewAsPage;
use crate::access::session;
use crate::access::{Actor, Grant, Scope, ViewAs};
use crate::activity::Event;
use crate::app::App;
use crate::db::ids::MembershipId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::mail::{Letter, Post, outbox};
use crate::partners::handlers::nav;
use crate::partners::model::{Partner, Status};
use crate::partners::{self, store::find};
use crate::values::paragraphs;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;

/// How long a view may last.
pub const MINUTES: [(&str, &str); 3] = [("15", "15 minutes"), ("30", "30 minutes"), ("60", "One hour")];

/// Refuses what no view may show: oneself, a system administrator, somebody who holds more, somebody who sees nothing.
fn viewable(actor: &Actor, partner: &Partner, member: &Member) -> Result<(), AppError> {
    if actor.user() == Some(member.user) {
        return Err(AppError::Forbidden("This is how you see Portico already.".into()));
    }
    // Not even another system administrator looks through such eyes.
    if member.is_system {
        return Err(AppError::Forbidden(format!(
            "{} is a system administrator. Nobody looks at Portico as they see it.",
            member.name
        )));
    }
    respect_powers(actor, partner, member)?;
    if member.status != UserStatus::Active || member.suspended_at.is_some() || partner.status == Status::Archived {
        return Err(AppError::Refused(format!(
            "{} cannot sign in to {} now, and sees nothing.",
            member.name, partner.name
        )));
    }
    match actor.scope() {
        Scope::Program(_) => Ok(()),
        _ => Err(AppError::NotFound),
    }
}

/// `GET /partners/{code}/users/{membership}/view-as`
///
/// # Errors
/// As every page; [`AppError::Forbidden`] for oneself, for system administrators and for who holds more.
pub async fn ask(
    grant: Grant<ViewAs>,
    app: Data<App>,
    path: Path<(String, MembershipId)>,
    req: HttpRequest,
) -> PageResult {
    let form = Form::filled([("minutes", "15".to_owned())]);
    let body = page(&grant, &app, path.into_inner(), form).await?;
    Ok(Page::new(body.title(), nav(grant.actor(), "users"), body).answer(&req))
}

async fn page(
    grant: &Grant<ViewAs>,
    app: &App,
    (code, id): (String, MembershipId),
    form: Form,
) -> Result<ViewAsPage, AppError> {
    app.db
        .read(grant, move |tx| {
            let (partner, member) = chosen(tx, &code, id)?;
            Ok(ViewAsPage::new(&partner, &member, tx.actor(), form))
        })
        .await
}

fn chosen(tx: &mut ReadTx<'_>, code: &str, id: MembershipId) -> Result<(Partner, Member), AppError> {
    let partner = find(tx, code)?;
    let member = store::member(tx, partner.id, id)?;
    viewable(tx.actor(), &partner, &member)?;
    Ok((partner, member))
}

/// `POST /partners/{code}/users/{membership}/view-as`
///
/// # Errors
/// As [`ask`].
pub async fn start(
    grant: Grant<ViewAs>,
    app: Data<App>,
    path: Path<(String, MembershipId)>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let address = path.into_inner();
    let asked = match read(&form) {
        Ok(asked) => asked,
        Err(form) => {
            let body = page(&grant, &app, address, form).await?;
            return Ok(Page::new(body.title(), nav(grant.actor(), "users"), body).refused().answer(&req));
        }
    };
    let session = grant.actor().session().ok_or(AppError::NotFound)?;
    let ((code, id), reason, minutes) = (address, asked.reason.clone(), asked.minutes);
    // Told first, and begun after: nobody looks without a trace.
    app.db.write(&grant, move |tx| started(tx, &code, id, &asked)).await?;
    app.db
        .system("begin to look as somebody else", move |tx| {
            let until = tx.now() + TimeDelta::minutes(minutes);
            session::start_view(tx, session, id, until, &reason)
        })
        .await?;
    // Other rights, another token.
    session::rotate(&req.get_session())?;
    Ok(see_other("/"))
}

struct Asked {
    reason: String,
    minutes: i64,
}

fn read(form: &Form) -> Result<Asked, Form> {
    let mut check = form.check();
    let reason = check.field("reason", "Reason", reason);
    let minutes = check.field("minutes", "How long", |typed| match MINUTES.iter().any(|(key, _)| *key == typed) {
        true => typed.parse::<i64>().map_err(|cause| cause.to_string()),
        false => Err("Choose one of these.".into()),
    });
    check.done(|| Some(Asked { reason: reason?, minutes: minutes? }))
}

/// Some words, so that who reads them later understands.
///
/// # Errors
/// With how long it must be.
pub fn reason(typed: &str) -> Result<String, String> {
    let text = paragraphs(typed)?;
    match text.chars().count() {
        0..5 => Err("Say why, in a few words: those concerned read it.".into()),
        5..=500 => Ok(text),
        long => Err(format!("Has {long} characters; the longest allowed is 500.")),
    }
}

/// The use case: somebody begins to look; the person and the partner's primary contact are told.
fn started(tx: &mut WriteTx<'_, ViewAs>, code: &str, id: MembershipId, asked: &Asked) -> Result<Change<()>, AppError> {
    let partner = held(tx, code)?;
    let (_, member) = chosen(tx, code, id)?;
    let (viewer, now) = (tx.actor().name().to_owned(), tx.now());
    let contact = partners::store::crew(tx, &partner)?
        .into_iter()
        .find(|one| Some(one.user) == partner.primary_contact_id && one.user != member.user);
    let told = [
        Some((member.user, member.email.clone(), member.name.clone())),
        contact.map(|one| (one.user, one.email, one.name)),
    ];
    for (user, email, name) in told.into_iter().flatten() {
        let letter = Letter::ViewedAs {
            name: name.clone(),
            viewed: member.name.clone(),
            viewer: viewer.clone(),
            partner: partner.name.to_string(),
            reason: asked.reason.clone(),
            when: When::new(now, now, partner.time_zone.tz()).title,
        };
        let post = Post::to_account(letter, user, &email, &name).about_partner(partner.program_id, partner.id);
        outbox::queue_in(tx, &Post { members_only: true, ..post })?;
    }
    let (user, name, reason) = (member.user, member.name, asked.reason.clone());
    Ok(Change::new((), Event::ViewStarted { partner: partner.id, user, name, reason }))
}

/// `POST /view/end`: by the session alone, since nothing else may be posted while looking.
///
/// # Errors
/// When the session could not be loaded or written.
pub async fn end(app: Data<App>, req: HttpRequest) -> PageResult {
    let Some(signed_in) = session::signed_in(&req.get_session())? else { return Ok(see_other("/sign-in")) };
    if signed_in.viewer.is_none() {
        return Ok(see_other("/"));
    }
    let back = signed_in.actor.partner().map_or("/".to_owned(), |partner| partners::tab(&partner.code, "users"));
    app.db.system("stop looking as somebody else", move |tx| session::end_view(tx, &signed_in)).await?;
    session::rotate(&req.get_session())?;
    session::leave_flash(&req, "good", "You see Portico as yourself again.");
    Ok(see_other(&back))
}

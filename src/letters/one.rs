//! One letter: what is in it, and sending it again; and how every letter looks.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::handlers::names;
use super::store::{self, Stored};
use super::views::{Example, ExamplesPage, Kinds, Row, ShowPage};
use super::{examples, words};
use crate::access::session::leave_flash;
use crate::access::{Actor, Grant, ReadMail, ResendMail, Scope, UpdateLetters};
use crate::activity::Event;
use crate::app::App;
use crate::db::ids::LetterId;
use crate::db::{Change, WriteTx};
use crate::mail::{Letter, Post, outbox};
use crate::partners::views::may;
use crate::web::error::AppError;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// `GET /system/mail/{id}`
///
/// # Errors
/// As every page; [`AppError::NotFound`] outside the scope.
pub async fn show(grant: Grant<ReadMail>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let (id, base) = (read(&id)?, app.config.http.base());
    let body = app
        .db
        .read(&grant, move |tx| {
            let Stored { line, letter, .. } = store::find(tx, id)?;
            let letter = serde_json::from_value::<Letter>(letter).ok();
            let text = match &letter {
                Some(letter) => {
                    let words = words::own(tx, letter)?;
                    Some(letter.preview(&base, words.as_ref()).map_err(|cause| AppError::Internal(cause.into()))?.1)
                }
                None => None,
            };
            let names = names(tx, std::slice::from_ref(&line))?;
            let (actor, now) = (tx.actor().clone(), tx.now());
            let row = Row::new(line, &Kinds::new(), &names, &actor, now);
            let brings_a_key = letter.is_some_and(|letter| letter.brings_a_key());
            Ok(ShowPage { crumbs: crumbs(&actor), row, text, brings_a_key })
        })
        .await?;
    let title = body.row.subject.clone();
    Ok(Page::new(title, Nav::Mail, body).answer(&req))
}

fn read(id: &str) -> Result<LetterId, AppError> {
    id.parse().map_err(|_| AppError::NotFound)
}

fn crumbs(actor: &Actor) -> Vec<(String, String)> {
    match (actor.scope(), actor.partner()) {
        (Scope::Partner { .. }, Some(own)) => {
            vec![(crate::partners::tab(&own.code, "mail"), "Delivery log".into())]
        }
        _ => vec![("/system/mail".into(), "Mail log".into())],
    }
}

/// `POST /system/mail/{id}/again`
///
/// # Errors
/// [`AppError::Refused`] for a letter that brings a link, or that is under way.
pub async fn send_again(grant: Grant<ResendMail>, app: Data<App>, id: Path<String>, req: HttpRequest) -> PageResult {
    let id = read(&id)?;
    let recipient = app.db.write(&grant, move |tx| sent_again(tx, id)).await?;
    leave_flash(&req, "good", &format!("The letter to {recipient} is queued again."));
    Ok(see_other("/system/mail"))
}

/// The use case: the same letter once more, as a letter of its own.
///
/// # Errors
/// [`AppError::Refused`] for a letter that brings a link, or that is under way.
pub fn sent_again(tx: &mut WriteTx<'_, ResendMail>, id: LetterId) -> Result<Change<String>, AppError> {
    let stored = store::hold(tx, id)?;
    let letter = serde_json::from_value::<Letter>(stored.letter.clone()).map_err(|_| {
        AppError::Refused("This version of Portico does not know the letter, so it cannot write it again.".into())
    })?;
    if letter.brings_a_key() {
        return Err(AppError::Refused(stale_key(&letter).into()));
    }
    if stored.line.state.is_waiting() || store::is_under_way(tx, &stored)? {
        return Err(AppError::Refused("This letter is on its way already. Wait until it was sent or failed.".into()));
    }
    let Stored { line, program_id, user_id, about_id, hosts_only, members_only, expires_at, .. } = stored;
    let post = Post {
        letter,
        user: user_id,
        address: line.recipient.clone(),
        name: line.recipient_name,
        program: program_id,
        partner: line.partner_id,
        hosts_only,
        members_only,
        about: about_id,
        expires_at,
    };
    outbox::queue_in(tx, &post)?;
    let event =
        Event::LetterResent { partner: line.partner_id, subject: line.subject, recipient: line.recipient.clone() };
    Ok(Change::new(line.recipient, event))
}

/// Where a letter is sent from again whose link may be dead.
fn stale_key(letter: &Letter) -> &'static str {
    match letter {
        Letter::Invitation { .. } => {
            "This letter brings a link that may be dead. Send a new one from the partner’s users, under Invitations."
        }
        Letter::PasswordReset { .. } => {
            "This letter brings a link that may be dead. Send a new one from the partner’s users, or let them ask for \
             it under “Forgot your password?”."
        }
        _ => {
            "This letter brings a link that may be dead. The person can ask for a new one on the page of their account."
        }
    }
}

/// `GET /system/mail/letters`
///
/// # Errors
/// As every page.
pub async fn examples(grant: Grant<ReadMail>, app: Data<App>, req: HttpRequest) -> PageResult {
    let (welcome, _) = app.db.read(&grant, store::welcome).await?;
    let (base, actor) = (app.config.http.base(), grant.actor());
    let program = actor.program().map_or("Portico", |program| program.name.as_str());
    let example = |letter: &Letter| {
        let is_own = welcome.is_some() && matches!(letter, Letter::Invitation { .. });
        let (subject, text) =
            letter.preview(&base, welcome.as_ref()).map_err(|cause| AppError::Internal(cause.into()))?;
        Ok(Example { label: letter.label(), subject, text, is_own, can_be_muted: letter.topic().is_some() })
    };
    let examples = examples::all(program).iter().map(example).collect::<Result<_, AppError>>()?;
    let body = ExamplesPage { examples, can_change: may::<UpdateLetters>(actor) };
    Ok(Page::new("Letters", Nav::Mail, body).answer(&req))
}

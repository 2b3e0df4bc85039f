//! What whoever holds a link sees and does. Looking never uses the link up: mail scanners look, too.

use actix_session::SessionExt;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::forms::{self, Joining};
use super::model::Invitation;
use super::store;
use super::views::{AcceptPage, DeadPage};
use crate::access::grant::acting;
use crate::access::link::{self, Claim, Purpose};
use crate::access::session::{self, NewSession};
use crate::access::{Actor, AddUser, Anonymous, Grant, MemberRole, Place, Scope};
use crate::activity::{self, Event};
use crate::app::App;
use crate::db::SystemTx;
use crate::db::ids::{InvitationId, ProgramId, UserId};
use crate::mail::letter::Letter;
use crate::mail::outbox::{self, Post};
use crate::partners;
use crate::partners::model::{Partner, Status};
use crate::people::store::{self as people, Account, NewAccount};
use crate::people::{UserStatus, device};
use crate::roles::Offer;
use crate::values::{Email, Name};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::{request_id, see_other};

/// An invitation that can be accepted now.
pub struct Waiting {
    /// It.
    pub invitation: Invitation,
    /// The partner to join.
    pub partner: Partner,
    /// Its program.
    pub program: Place<ProgramId>,
    /// The role to get.
    pub offer: Offer,
    /// The account of the address, when there is one.
    pub account: Option<Account>,
    /// Whoever invited them, as they may act now; none for the command line.
    inviter: Option<Actor>,
}

/// What a link leads to.
enum Opened {
    /// Nothing any more, for whatever reason.
    Dead,
    /// The right link, too late.
    Expired(Box<Invitation>),
    /// An invitation to accept.
    Open(Box<Waiting>),
}

/// Looks behind a link. Everything that would be refused later is refused here, and all refusals look alike.
fn opened(tx: &mut SystemTx<'_>, key: &[u8], claim: Option<&Claim>) -> Result<Opened, AppError> {
    let Some((claim, id)) = claim.and_then(|claim| Some((claim, claim.id.to_string().parse().ok()?))) else {
        return Ok(Opened::Dead);
    };
    let Some((invitation, partner)) = store::by_link(tx, id)? else { return Ok(Opened::Dead) };
    let is_right =
        claim.is_of(key, Purpose::Invitation, invitation.id.uuid(), invitation.link_version, &invitation.email);
    if !is_right || !invitation.is_open() || partner.status == Status::Archived {
        return Ok(Opened::Dead);
    }
    if invitation.is_expired(tx.now()) {
        return Ok(Opened::Expired(Box::new(invitation)));
    }
    let Some(offer) = offer(tx, &partner, &invitation)? else { return Ok(Opened::Dead) };
    let inviter = match invitation.invited_by {
        None => None,
        Some(user) => match inviter(tx, user, &partner, &offer)? {
            Some(actor) => Some(actor),
            None => return Ok(Opened::Dead),
        },
    };
    let account = people::by_email(tx, &Email::parse(&invitation.email).map_err(|_| AppError::NotFound)?)?;
    if account.as_ref().is_some_and(|account| account.status != UserStatus::Active) {
        return Ok(Opened::Dead);
    }
    let program = store::place(tx, partner.program_id)?;
    Ok(Opened::Open(Box::new(Waiting { invitation, partner, program, offer, account, inviter })))
}

/// The role as it can be given now: a partner that no longer hosts gives no program-wide ones.
fn offer(tx: &mut SystemTx<'_>, partner: &Partner, invitation: &Invitation) -> Result<Option<Offer>, AppError> {
    match invitation.role_id {
        Some(role) => store::custom_offer(tx, partner, role),
        None => Ok(MemberRole::offered(partner.is_hosting)
            .contains(&invitation.role)
            .then(|| Offer::built_in(invitation.role, partner))),
    }
}

/// Whoever invited, in a role in which they could still do so.
fn inviter(tx: &mut SystemTx<'_>, user: UserId, partner: &Partner, offer: &Offer) -> Result<Option<Actor>, AppError> {
    let program = store::place(tx, partner.program_id)?;
    let may_invite = |actor: &Actor| {
        let reaches = match actor.scope() {
            Scope::Everything => false,
            Scope::Program(program) => program == partner.program_id,
            Scope::Partner { partner: own, .. } => own == partner.id,
        };
        // A second factor that they have yet to set up takes no right away.
        let is_forbidden = matches!(Grant::<AddUser>::check(actor.clone()), Err(AppError::Forbidden(_)));
        reaches && !is_forbidden && offer.beyond(actor).is_empty()
    };
    Ok(session::actors_of(tx, user, program)?.into_iter().find(may_invite))
}

fn claim(app: &App, req: &HttpRequest) -> Option<Claim> {
    Claim::of_cookie(app, req, Purpose::Invitation)
}

/// `GET /invitation`
///
/// # Errors
/// When the session could not be loaded.
pub async fn show(app: Data<App>, req: HttpRequest) -> PageResult {
    let person = acting(&req)?;
    let (shared, claim) = (app.clone(), claim(&app, &req));
    let opened = app
        .db
        .system("open an invitation", move |tx| {
            let opened = opened(tx, &shared.key, claim.as_ref())?;
            if let Opened::Open(waiting) = &opened {
                store::mark_opened(tx, &waiting.invitation)?;
            }
            Ok(opened)
        })
        .await?;
    Ok(match opened {
        Opened::Open(waiting) => {
            let form = Form::filled([("name", waiting.invitation.name.clone())]);
            page(&app, &req, &waiting, person.as_ref(), form, StatusCode::OK)
        }
        Opened::Expired(invitation) => dead(&app, &req, Some(&invitation)),
        Opened::Dead => dead(&app, &req, None),
    })
}

fn page(
    app: &App,
    req: &HttpRequest,
    waiting: &Waiting,
    person: Option<&Actor>,
    form: Form,
    status: StatusCode,
) -> HttpResponse {
    let body = AcceptPage::new(waiting, person, app.db.now(), form);
    Page::new("Your invitation", Nav::None, body).status(status).answer(req)
}

/// The one page of every link that does not work; whoever comes too late with the right one can ask for another.
fn dead(app: &App, req: &HttpRequest, late: Option<&Invitation>) -> HttpResponse {
    let body = DeadPage::new(late, app.db.now());
    Page::new("This link does not work", Nav::None, body).status(StatusCode::GONE).answer(req)
}

/// `POST /invitation`
///
/// # Errors
/// When the session could not be loaded; [`AppError::Busy`] when too many passwords are being hashed.
pub async fn accept(who: Anonymous, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let person = acting(&req)?;
    let (shared, sent) = (app.clone(), claim(&app, &req));
    let found = app.db.system("look at an invitation", move |tx| opened(tx, &shared.key, sent.as_ref())).await?;
    let waiting = match found {
        Opened::Open(waiting) => waiting,
        Opened::Expired(invitation) => return Ok(dead(&app, &req, Some(&invitation))),
        Opened::Dead => return Ok(dead(&app, &req, None)),
    };
    let entering = match (&waiting.account, &person) {
        (Some(account), Some(actor)) if actor.user() == Some(account.id) && actor.viewer().is_none() => {
            Entering::Account(account.id, Box::new(actor.clone()))
        }
        (None, None) => {
            let context = [waiting.invitation.email.as_str(), waiting.partner.name.as_str(), &waiting.program.name];
            match forms::joining(&form, context) {
                Ok(Joining { name, password }) => Entering::New(name, app.hasher.hash(password).await?),
                Err(form) => {
                    return Ok(page(&app, &req, &waiting, None, form, StatusCode::UNPROCESSABLE_ENTITY));
                }
            }
        }
        // Somebody else is signed in, or the owner of the account is not: the page says what to do first.
        (_, person) => {
            return Ok(page(&app, &req, &waiting, person.as_ref(), form, StatusCode::FORBIDDEN));
        }
    };
    let request = (request_id(&req), who.address.clone());
    let (shared, sent, is_new) = (app.clone(), claim(&app, &req), matches!(entering, Entering::New(..)));
    let accepted =
        app.db.system("accept an invitation", move |tx| accepted(tx, &shared.key, sent, entering, request)).await;
    let user = match accepted {
        Ok(user) => user,
        Err(AppError::NotFound) => return Ok(dead(&app, &req, None)),
        Err(error) => return Err(error),
    };
    if is_new {
        let session = NewSession { user, auth_version: 1, address: who.address, agent: who.agent };
        session::start(&req.get_session(), &session)?;
    } else {
        let text = format!("You are {} of {} now.", waiting.offer.name, waiting.partner.name);
        session::leave_flash(&req, "good", &text);
        // Other rights, another token.
        session::rotate(&req.get_session())?;
    }
    let mut answer = see_other("/");
    for cookie in [device::cookie(&app, user), link::spent(&app)] {
        answer.add_cookie(&cookie).map_err(|cause| AppError::Internal(cause.into()))?;
    }
    Ok(answer)
}

/// Who comes in.
enum Entering {
    /// Somebody new, with the hash of their password.
    New(Name, String),
    /// The owner of the address's account, signed in.
    Account(UserId, Box<Actor>),
}

/// The use case: the link is used up, and the person is a member. Nothing of the form but name and password counts.
///
/// # Errors
/// [`AppError::NotFound`] when the link does not work any more; then nothing was written.
fn accepted(
    tx: &mut SystemTx<'_>,
    key: &[u8],
    claim: Option<Claim>,
    entering: Entering,
    request: (String, String),
) -> Result<UserId, AppError> {
    let id: InvitationId =
        claim.as_ref().and_then(|claim| claim.id.to_string().parse().ok()).ok_or(AppError::NotFound)?;
    let (_, partner) = store::by_link(tx, id)?.ok_or(AppError::NotFound)?;
    // In the order of everybody who changes people of a partner.
    store::hold_partner(tx, partner.id)?;
    let Opened::Open(waiting) = opened(tx, key, claim.as_ref())? else { return Err(AppError::NotFound) };
    if !store::consume(tx, &waiting.invitation)? {
        return Err(AppError::NotFound);
    }
    let (user, name, session) = match entering {
        Entering::New(name, password_hash) => {
            let email = Email::parse(&waiting.invitation.email).map_err(|_| AppError::NotFound)?;
            let new = NewAccount { email, name: name.clone(), password_hash, is_system: false };
            (people::create(tx, &new)?.ok_or(AppError::NotFound)?, name.as_str().to_owned(), None)
        }
        Entering::Account(user, actor) => {
            let same = waiting.account.as_ref().filter(|account| account.id == user).ok_or(AppError::NotFound)?;
            (user, same.name.clone(), Some(actor))
        }
    };
    let membership = store::join(tx, &waiting.invitation, &waiting.offer, user)?;
    if let Some(actor) = session {
        // They came to work for this partner.
        session::switch_membership(tx, &actor, membership)?;
    }
    tell(tx, &waiting, user, &name, request)?;
    Ok(user)
}

/// Records who joined, and writes to whoever invited them.
fn tell(
    tx: &mut SystemTx<'_>,
    waiting: &Waiting,
    user: UserId,
    name: &str,
    request: (String, String),
) -> Result<(), AppError> {
    let Waiting { invitation, partner, offer, inviter, .. } = waiting;
    let actor = by_link(waiting.program.clone(), partner, (Some(user), name, &invitation.email), &offer.name, request);
    let event = Event::InvitationAccepted {
        partner: partner.id,
        invitation: invitation.id,
        user,
        name: name.to_owned(),
        role: offer.name.clone(),
    };
    activity::store::record(tx, &actor, &event)?;
    let Some((user, inviter)) = inviter.as_ref().and_then(|actor| Some((actor.user()?, actor))) else { return Ok(()) };
    let letter = Letter::InvitationAccepted {
        inviter: inviter.name().to_owned(),
        name: name.to_owned(),
        partner: partner.name.to_string(),
        role: offer.name.clone(),
        page: partners::tab(partner.code.as_str(), "users"),
    };
    let is_member = store::is_member(tx, partner.id, user)?;
    let post = Post::to_account(letter, user, inviter.email(), inviter.name());
    let post = post.about_partner(partner.program_id, partner.id);
    outbox::queue(tx, &Post { hosts_only: !is_member, members_only: is_member, ..post }).map(drop)
}

/// Whoever holds the link, for the activity log.
fn by_link(
    program: Place<ProgramId>,
    partner: &Partner,
    person: (Option<UserId>, &str, &str),
    role_name: &str,
    request: (String, String),
) -> Actor {
    let place = Place { id: partner.id, code: partner.code.to_string(), name: partner.name.to_string() };
    Actor::by_invitation(person, role_name, program, place, request)
}

/// `POST /invitation/ask`
///
/// # Errors
/// When the database does not answer.
pub async fn ask(who: Anonymous, app: Data<App>, req: HttpRequest) -> PageResult {
    let (shared, claim, request) = (app.clone(), claim(&app, &req), (request_id(&req), who.address));
    app.db
        .system("ask for a new link of an invitation", move |tx| match opened(tx, &shared.key, claim.as_ref())? {
            Opened::Expired(invitation) if store::ask(tx, &invitation)? => asked(tx, &invitation, request),
            _ => Ok(()),
        })
        .await?;
    // The page says whether it was asked for: it is the same for a second click.
    Ok(see_other("/invitation"))
}

fn asked(tx: &mut SystemTx<'_>, invitation: &Invitation, request: (String, String)) -> Result<(), AppError> {
    let (_, partner) = store::by_link(tx, invitation.id)?.ok_or(AppError::NotFound)?;
    let program = store::place(tx, partner.program_id)?;
    let actor = by_link(program, &partner, (None, &invitation.name, &invitation.email), "Invited", request);
    let name = invitation.name.clone();
    let event = Event::InvitationAsked { partner: partner.id, invitation: invitation.id, name: name.clone() };
    activity::store::record(tx, &actor, &event)?;
    let Some(user) = invitation.invited_by else { return Ok(()) };
    let account = people::account(tx, user)?;
    if account.status != UserStatus::Active {
        return Ok(());
    }
    let letter = Letter::InvitationAsked {
        inviter: account.name.clone(),
        name,
        email: invitation.email.clone(),
        partner: partner.name.to_string(),
        page: partners::tab(partner.code.as_str(), "users"),
    };
    let is_member = store::is_member(tx, partner.id, user)?;
    let post = Post::to_account(letter, user, &account.email, &account.name);
    let post = post.about_partner(partner.program_id, partner.id);
    outbox::queue(tx, &Post { hosts_only: !is_member, members_only: is_member, ..post }).map(drop)
}

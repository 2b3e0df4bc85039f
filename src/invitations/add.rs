//! Adding somebody to a partner: who has an account in the program becomes a member, everybody else is invited.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use chrono::TimeDelta;

use super::forms::{self, Adding};
use super::model::Invitation;
use super::store;
use super::views::AddPage;
use crate::access::session::leave_flash;
use crate::access::{AddUser, Grant, Permission, Scope};
use crate::activity::Event;
use crate::app::App;
use crate::db::ids::InvitationId;
use crate::db::{Change, WriteTx};
use crate::mail::letter::Letter;
use crate::mail::outbox::{self, Post};
use crate::partners::handlers::nav;
use crate::partners::model::{Partner, Status};
use crate::partners::{self, store::find};
use crate::people::UserStatus;
use crate::people::members::{held, offered};
use crate::people::store::{self as people, Candidate};
use crate::roles::{self, Offer};
use crate::values::Email;
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::page::{Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;

/// Invitations of a partner in a day.
const DAILY: usize = 50;

/// `GET /partners/{code}/users/new`
///
/// # Errors
/// As every page; [`AppError::Refused`] for a partner that takes nobody in.
pub async fn new(grant: Grant<AddUser>, app: Data<App>, code: Path<String>, req: HttpRequest) -> PageResult {
    let body = page(&grant, &app, code.into_inner(), Form::default()).await?;
    Ok(Page::new(body.title(), nav(grant.actor(), "users"), body).answer(&req))
}

async fn page(grant: &Grant<AddUser>, app: &App, code: String, form: Form) -> Result<AddPage, AppError> {
    app.db
        .read(grant, move |tx| {
            let partner = find(tx, &code)?;
            takes_people(&partner)?;
            let offers = roles::store::offers(tx, &partner)?;
            // Whoever is invited already is offered to be sent the link again.
            let open = match Email::parse(form.value("email")) {
                Ok(email) => store::open_for(tx, partner.id, email.as_str())?,
                Err(_) => None,
            };
            Ok(AddPage::new(&partner, &offers, tx.actor(), open, form))
        })
        .await
}

/// Refuses to take people into a partner that stands still or is leaving.
///
/// # Errors
/// [`AppError::Refused`] with what to do first.
pub fn takes_people(partner: &Partner) -> Result<(), AppError> {
    let first = match partner.status {
        Status::Planned | Status::Pending | Status::Active => return Ok(()),
        Status::Suspended => "is suspended. Reinstate it",
        Status::Offboarding => "is on its way out. Reinstate it",
        Status::Archived => "is archived. Restore it",
    };
    Err(AppError::Refused(format!("{} {first} before you add people.", partner.name)))
}

/// `POST /partners/{code}/users/new`
///
/// # Errors
/// As every page; [`AppError::Refused`] for a partner that takes nobody in, [`AppError::TooMany`] after 50 in a day.
pub async fn add(
    grant: Grant<AddUser>,
    app: Data<App>,
    code: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (code, life) = (code.into_inner(), life(&app));
    let added = match forms::adding(&form) {
        Ok(adding) => {
            let code = code.clone();
            app.db.write(&grant, move |tx| added(tx, &code, &adding, life)).await.map_err(|error| match error {
                AppError::Invalid(errors) => Err(form.with_errors(errors)),
                other => Ok(other),
            })
        }
        Err(form) => Err(Err(form)),
    };
    match added {
        Ok(sentence) => {
            leave_flash(&req, "good", &sentence);
            Ok(see_other(&partners::tab(&code, "users")))
        }
        Err(Ok(error)) => Err(error),
        Err(Err(form)) => {
            let body = page(&grant, &app, code, form).await?;
            Ok(Page::new(body.title(), nav(grant.actor(), "users"), body).refused().answer(&req))
        }
    }
}

/// How long a link lives.
pub fn life(app: &App) -> TimeDelta {
    TimeDelta::minutes(app.config.links.invitation_minutes)
}

/// The use case: somebody becomes a member, or is invited.
///
/// # Errors
/// [`AppError::Invalid`] at the field, when the person is a member or invited already, or the role cannot be given;
/// [`AppError::Refused`] for a partner that takes nobody in; [`AppError::TooMany`].
pub fn added(
    tx: &mut WriteTx<'_, AddUser>,
    code: &str,
    adding: &Adding,
    life: TimeDelta,
) -> Result<Change<String>, AppError> {
    let partner = held(tx, code)?;
    takes_people(&partner)?;
    let offer = offered(tx, &partner, &adding.role)?;
    not_here_yet(tx, &partner, adding.email.as_str())?;
    match known(tx, adding)? {
        Some(candidate) => joined(tx, &partner, &offer, candidate),
        None => invited(tx, &partner, &offer, adding, life),
    }
}

/// Refuses addresses of members and of people with an open invitation: these the giver sees in the list anyway.
///
/// # Errors
/// [`AppError::Invalid`] at the field.
pub fn not_here_yet<P: Permission>(tx: &mut WriteTx<'_, P>, partner: &Partner, email: &str) -> Result<(), AppError> {
    if let Some(member) = people::member_of_address(tx, partner.id, email)? {
        let instead = match member.suspended_at {
            Some(_) => "and suspended. Reactivate them in the list instead.",
            None => "already. Change their role in the list instead.",
        };
        let message = format!("{} is a user of {} {instead}", member.name, partner.name);
        return Err(AppError::Invalid(vec![FieldError::new("email", "E-mail", message)]));
    }
    match store::open_for(tx, partner.id, email)? {
        Some(_) => Err(AppError::Invalid(vec![store::already_invited()])),
        None => Ok(()),
    }
}

/// The account that becomes a member at once. Only who sees the whole program gets to know of accounts elsewhere in
/// it; to everybody else each address looks as if it had none.
fn known(tx: &mut WriteTx<'_, AddUser>, adding: &Adding) -> Result<Option<Candidate>, AppError> {
    if matches!(tx.scope(), Scope::Partner { .. }) {
        return Ok(None);
    }
    match people::candidate(tx, &adding.email)? {
        Some(found) if found.status == UserStatus::Deactivated => {
            let message = "The account of this address is deactivated. Ask whoever runs Portico to enable it first.";
            Err(AppError::Invalid(vec![FieldError::new("email", "E-mail", message)]))
        }
        found => Ok(found.filter(|found| found.status == UserStatus::Active)),
    }
}

fn joined(
    tx: &mut WriteTx<'_, AddUser>,
    partner: &Partner,
    offer: &Offer,
    Candidate { user, name, email, .. }: Candidate,
) -> Result<Change<String>, AppError> {
    people::add_member(tx, partner, user, offer)?;
    let role = offer.name.clone();
    let letter = Letter::MemberAdded {
        name: name.clone(),
        partner: partner.name.to_string(),
        program: tx.actor().program().map(|program| program.name.clone()).unwrap_or_default(),
        role: role.clone(),
        by: tx.actor().name().to_owned(),
    };
    let post = Post::to_account(letter, user, &email, &name).about_partner(partner.program_id, partner.id);
    outbox::queue_in(tx, &Post { members_only: true, ..post })?;
    let sentence = format!("{name} has an account here already, and is {role} of {} now.", partner.name);
    Ok(Change::new(sentence, Event::MemberAdded { partner: partner.id, user, name, email, role }))
}

fn invited(
    tx: &mut WriteTx<'_, AddUser>,
    partner: &Partner,
    offer: &Offer,
    adding: &Adding,
    life: TimeDelta,
) -> Result<Change<String>, AppError> {
    let (id, now) = (InvitationId::new(), tx.now());
    let day = TimeDelta::days(1);
    if store::count_since(tx, partner.id, now - day)? >= DAILY {
        return Err(AppError::TooMany { seconds: day.num_seconds() });
    }
    let mut invitation = Invitation {
        id,
        program_id: partner.program_id,
        partner_id: partner.id,
        email: adding.email.as_str().to_owned(),
        name: adding.name.as_str().to_owned(),
        role: offer.role,
        role_id: offer.custom,
        link_version: 1,
        expires_at: now + life,
        letter_id: None,
        opened_at: None,
        asked_at: None,
        accepted_at: None,
        revoked_at: None,
        invited_by: tx.actor().user(),
        invited_by_name: tx.actor().name().to_owned(),
        version: 1,
        created_at: now,
        sent_at: now,
    };
    write_to(tx, partner, offer, &mut invitation)?;
    store::insert(tx, &invitation)?;
    let Invitation { name, email, .. } = invitation;
    let sentence = format!("{name} is invited to {}. The letter is on its way to {email}.", partner.name);
    let role = offer.name.clone();
    Ok(Change::new(sentence, Event::InvitationSent { partner: partner.id, invitation: id, name, email, role }))
}

/// Puts the letter with the present link into the outbox.
///
/// # Errors
/// When the database does not answer.
pub fn write_to<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    partner: &Partner,
    offer: &Offer,
    invitation: &mut Invitation,
) -> Result<(), AppError> {
    let letter = Letter::Invitation {
        invitation: invitation.id,
        version: invitation.link_version,
        email: invitation.email.clone(),
        name: invitation.name.clone(),
        partner: partner.name.to_string(),
        program: tx.actor().program().map(|program| program.name.clone()).unwrap_or_default(),
        role: offer.name.clone(),
        inviter: invitation.invited_by_name.clone(),
        until: When::new(invitation.expires_at, tx.now(), partner.time_zone.tz()).title,
    };
    let post = Post {
        letter,
        user: None,
        address: invitation.email.clone(),
        name: invitation.name.clone(),
        program: Some(partner.program_id),
        partner: Some(partner.id),
        hosts_only: false,
        members_only: false,
        about: Some(invitation.id),
        expires_at: Some(invitation.expires_at),
    };
    invitation.letter_id = Some(outbox::queue_in(tx, &post)?);
    Ok(())
}

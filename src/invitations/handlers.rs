//! What can be done with an invitation: send it again, extend it, take it back.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use chrono::TimeDelta;

use super::add::{life, takes_people, write_to};
use super::model::Invitation;
use super::store;
use super::views;
use crate::access::session::leave_flash;
use crate::access::{AddUser, Grant, Permission, RemoveUser, UpdateUser, limits};
use crate::activity::Event;
use crate::app::App;
use crate::db::ids::InvitationId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::mail::outbox;
use crate::partners::handlers::nav;
use crate::partners::model::Partner;
use crate::partners::{self, store::find};
use crate::people::members::held;
use crate::roles::{self, Offer};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;

pub(super) type Address = Path<(String, InvitationId)>;

/// A link lives no longer than that from now, however often it is extended.
const LONGEST: TimeDelta = TimeDelta::hours(24);

fn stale(invitation: &Invitation) -> AppError {
    AppError::Conflict(format!(
        "The invitation of {} was changed while you were looking at it. Nothing was done: look at it again.",
        invitation.name
    ))
}

/// An invitation that still waits, with the role it brings, once it is clear that the person may act on it.
pub(super) fn waiting(
    tx: &mut ReadTx<'_>,
    partner: &Partner,
    id: InvitationId,
) -> Result<(Invitation, Option<Offer>), AppError> {
    let invitation = store::find(tx, partner.id, id)?;
    if invitation.accepted_at.is_some() {
        let sentence = format!("{} accepted the invitation already, and is in the list of users.", invitation.name);
        return Err(AppError::Refused(sentence));
    }
    if invitation.revoked_at.is_some() {
        let sentence = format!("The invitation of {} was revoked. Add them again to invite them.", invitation.name);
        return Err(AppError::Refused(sentence));
    }
    let offer = roles::store::offers(tx, partner)?.into_iter().find(|offer| offer.key() == invitation.role_key());
    if offer.as_ref().is_some_and(|offer| !offer.beyond(tx.actor()).is_empty()) {
        return Err(AppError::Forbidden(format!(
            "The invitation of {} is for a role that holds more than your own. Somebody who holds as much can do this.",
            invitation.name
        )));
    }
    Ok((invitation, offer))
}

/// The same, at the version that was seen, at a partner that nobody else changes the people of meanwhile.
pub(super) fn seen_waiting<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    code: &str,
    id: InvitationId,
    seen: i32,
) -> Result<(Partner, Invitation, Option<Offer>), AppError> {
    let partner = held(tx, code)?;
    let (invitation, offer) = waiting(tx, &partner, id)?;
    if invitation.version != seen {
        return Err(stale(&invitation));
    }
    Ok((partner, invitation, offer))
}

fn still_given(offer: Option<Offer>, invitation: &Invitation) -> Result<Offer, AppError> {
    offer.ok_or_else(|| {
        AppError::Refused(format!(
            "The role that {} was invited to is no longer given here. Correct the invitation to choose another.",
            invitation.name
        ))
    })
}

/// Counts a letter that goes out again, once it is clear that the person may send it.
pub(super) async fn count(
    grant: &Grant<UpdateUser>,
    app: &App,
    code: &str,
    id: InvitationId,
    seen: i32,
) -> Result<(), AppError> {
    let code = code.to_owned();
    app.db
        .read(grant, move |tx| {
            let partner = find(tx, &code)?;
            takes_people(&partner)?;
            let (invitation, _) = waiting(tx, &partner, id)?;
            if invitation.version == seen { Ok(()) } else { Err(stale(&invitation)) }
        })
        .await?;
    let key = format!("invitation/{id}");
    app.db.system("count a letter that goes out again", move |tx| limits::spend(tx, &key, limits::RESENDS)).await
}

/// Gives the invitation a new link, and whoever does so answers for it from now on; the older links are dead.
pub(super) fn renew<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    partner: &Partner,
    offer: &Offer,
    invitation: &mut Invitation,
    life: TimeDelta,
) -> Result<(), AppError> {
    let now = tx.now();
    outbox::withdraw(tx, invitation.id, "A newer link was sent instead.")?;
    invitation.link_version += 1;
    (invitation.expires_at, invitation.sent_at) = (now + life, now);
    (invitation.opened_at, invitation.asked_at) = (None, None);
    vouch(tx, invitation);
    write_to(tx, partner, offer, invitation)
}

/// Whoever could not have invited does not take the invitation over: it would be dead with them.
fn vouch<P: Permission>(tx: &WriteTx<'_, P>, invitation: &mut Invitation) {
    if !tx.actor().may(&AddUser::RULE) {
        return;
    }
    invitation.invited_by = tx.actor().user();
    invitation.invited_by_name = tx.actor().name().to_owned();
}

pub(super) fn kept<P: Permission>(tx: &mut WriteTx<'_, P>, seen: i32, invitation: &Invitation) -> Result<(), AppError> {
    if store::save(tx, seen, invitation)? { Ok(()) } else { Err(stale(invitation)) }
}

pub(super) fn back(req: &HttpRequest, code: &str, sentence: &str) -> PageResult {
    leave_flash(req, "good", sentence);
    Ok(see_other(&partners::tab(code, "users")))
}

/// `POST /partners/{code}/invitations/{invitation}/resend`
///
/// # Errors
/// As every page; [`AppError::TooMany`] after five letters in a day.
pub async fn resend(
    grant: Grant<UpdateUser>,
    app: Data<App>,
    path: Address,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let ((code, id), seen, life) = (path.into_inner(), form.version()?, life(&app));
    count(&grant, &app, &code, id, seen).await?;
    let address = code.clone();
    let sentence = app.db.write(&grant, move |tx| resent(tx, &address, id, seen, life)).await?;
    back(&req, &code, &sentence)
}

/// The use case: a new link goes out.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] when there is nothing to send.
pub fn resent(
    tx: &mut WriteTx<'_, UpdateUser>,
    code: &str,
    id: InvitationId,
    seen: i32,
    life: TimeDelta,
) -> Result<Change<String>, AppError> {
    let (partner, mut invitation, offer) = seen_waiting(tx, code, id, seen)?;
    takes_people(&partner)?;
    let offer = still_given(offer, &invitation)?;
    renew(tx, &partner, &offer, &mut invitation, life)?;
    kept(tx, seen, &invitation)?;
    let name = invitation.name;
    let sentence = format!("Invitation sent again to {name}. The old link no longer works.");
    Ok(Change::new(sentence, Event::InvitationResent { partner: partner.id, invitation: id, name }))
}

/// `POST /partners/{code}/invitations/{invitation}/extend`
///
/// # Errors
/// As every page; [`AppError::Refused`] when the letter never arrived, or the link lives long enough.
pub async fn extend(
    grant: Grant<UpdateUser>,
    app: Data<App>,
    path: Address,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let ((code, id), seen, life) = (path.into_inner(), form.version()?, life(&app));
    let address = code.clone();
    let sentence = app.db.write(&grant, move |tx| extended(tx, &address, id, seen, life)).await?;
    back(&req, &code, &sentence)
}

/// The use case: the same link lives on.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] as [`extend`].
pub fn extended(
    tx: &mut WriteTx<'_, UpdateUser>,
    code: &str,
    id: InvitationId,
    seen: i32,
    life: TimeDelta,
) -> Result<Change<String>, AppError> {
    let (partner, mut invitation, offer) = seen_waiting(tx, code, id, seen)?;
    takes_people(&partner)?;
    still_given(offer, &invitation)?;
    let (now, name) = (tx.now(), invitation.name.clone());
    // No state: letters are forgotten in time, those that arrived too.
    if !matches!(store::letter_state(tx, invitation.letter_id)?.as_str(), "sent" | "") {
        return Err(AppError::Refused(format!(
            "The letter to {name} was not delivered, so they have no link to extend. Send it again, or correct the address."
        )));
    }
    let until = invitation.expires_at.max(now) + life;
    if until > now + LONGEST.max(life) {
        return Err(AppError::Refused(format!("The link of {name} lives long enough. Extend it later, if need be.")));
    }
    invitation.expires_at = until;
    invitation.asked_at = None;
    vouch(tx, &mut invitation);
    kept(tx, seen, &invitation)?;
    let until = When::new(until, now, partner.time_zone.tz()).title;
    let sentence = format!("The link of {name} works until {until}.");
    Ok(Change::new(sentence, Event::InvitationExtended { partner: partner.id, invitation: id, name, until }))
}

/// `GET /partners/{code}/invitations/{invitation}/revoke`
///
/// # Errors
/// As every page; [`AppError::Refused`] for one that is over.
pub async fn confirm_revocation(
    grant: Grant<RemoveUser>,
    app: Data<App>,
    path: Address,
    req: HttpRequest,
) -> PageResult {
    let (code, id) = path.into_inner();
    let body = app
        .db
        .read(&grant, move |tx| {
            let partner = find(tx, &code)?;
            let (invitation, _) = waiting(tx, &partner, id)?;
            Ok(views::confirm_revocation(&partner, &invitation, tx.actor()))
        })
        .await?;
    Ok(Page::new(body.title.clone(), nav(grant.actor(), "users"), body).answer(&req))
}

/// `POST /partners/{code}/invitations/{invitation}/revoke`
///
/// # Errors
/// As [`confirm_revocation`]; [`AppError::Conflict`] when somebody was faster.
pub async fn revoke(
    grant: Grant<RemoveUser>,
    app: Data<App>,
    path: Address,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let ((code, id), seen) = (path.into_inner(), form.version()?);
    let address = code.clone();
    let sentence = app.db.write(&grant, move |tx| revoked(tx, &address, id, seen)).await?;
    back(&req, &code, &sentence)
}

/// The use case: an invitation is taken back.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] when it is over.
pub fn revoked(
    tx: &mut WriteTx<'_, RemoveUser>,
    code: &str,
    id: InvitationId,
    seen: i32,
) -> Result<Change<String>, AppError> {
    let (partner, mut invitation, _) = seen_waiting(tx, code, id, seen)?;
    outbox::withdraw(tx, id, "The invitation was revoked.")?;
    invitation.revoked_at = Some(tx.now());
    kept(tx, seen, &invitation)?;
    let name = invitation.name;
    let sentence = format!("The invitation of {name} is revoked. The link no longer works.");
    Ok(Change::new(sentence, Event::InvitationRevoked { partner: partner.id, invitation: id, name }))
}

//! Changing the role of a member, and making them the primary contact.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::UserStatus;
use super::forms;
use super::members::{held, offered, respect_powers, respect_system};
use super::store::{self, Member};
use super::views::RolePage;
use crate::access::session::leave_flash;
use crate::access::{Actor, Grant, MemberRole, Permission, UpdatePartnerContacts, UpdateUser};
use crate::activity::{Event, FieldChange};
use crate::app::App;
use crate::db::ids::MembershipId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::mail::{Letter, Post, outbox};
use crate::partners::handlers::nav;
use crate::partners::model::Partner;
use crate::partners::{self, store::find};
use crate::roles;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, PageResult};
use crate::web::see_other;

type Address = Path<(String, MembershipId)>;

pub(super) fn not_oneself(actor: &Actor, member: &Member) -> Result<(), AppError> {
    if actor.user() == Some(member.user) {
        return Err(AppError::Forbidden("You cannot change your own role. Ask another administrator.".into()));
    }
    Ok(())
}

/// Refuses to leave a partner without an admin who can act.
///
/// # Errors
/// [`AppError::Refused`].
pub(super) fn keep_admin(tx: &mut ReadTx<'_>, partner: &Partner, leaving: &Member) -> Result<(), AppError> {
    if leaving.role != MemberRole::Admin {
        return Ok(());
    }
    let (others, active) = store::other_admins(tx, partner.id, leaving.id)?;
    if others == 0 || (leaving.can_act() && active == 0) {
        let is_self = tx.actor().user() == Some(leaving.user);
        let who = if is_self { "You are".to_owned() } else { format!("{} is", leaving.name) };
        return Err(AppError::Refused(format!(
            "{who} the last administrator of {}. Make another of its users an administrator first.",
            partner.name
        )));
    }
    Ok(())
}

pub(super) fn stale(member: &Member) -> AppError {
    AppError::Conflict(format!(
        "The role of {} was changed while you were looking at it. Nothing was saved: compare, then save again.",
        member.name
    ))
}

/// `GET /partners/{code}/users/{membership}/role`
///
/// # Errors
/// As every page; [`AppError::Forbidden`] for oneself and for system administrators.
pub async fn role(grant: Grant<UpdateUser>, app: Data<App>, path: Address, req: HttpRequest) -> PageResult {
    let body = role_page(&grant, &app, path.into_inner(), None, None).await?;
    Ok(Page::new(body.title(), nav(grant.actor(), "users"), body).answer(&req))
}

async fn role_page(
    grant: &Grant<UpdateUser>,
    app: &App,
    (code, id): (String, MembershipId),
    typed: Option<Form>,
    notice: Option<String>,
) -> Result<RolePage, AppError> {
    app.db
        .read(grant, move |tx| {
            let partner = find(tx, &code)?;
            let member = store::member(tx, partner.id, id)?;
            not_oneself(tx.actor(), &member)?;
            respect_system(tx.actor(), &member)?;
            respect_powers(tx.actor(), &partner, &member)?;
            let mut form = typed.unwrap_or_else(|| forms::role_of(&member));
            if notice.is_some() {
                form.set("version", &member.version.to_string());
            }
            let offers = roles::store::offers(tx, &partner)?;
            Ok(RolePage::new(&partner, &member, &offers, tx.actor(), form, notice))
        })
        .await
}

/// `POST /partners/{code}/users/{membership}/role`
///
/// # Errors
/// As [`role`]; [`AppError::Refused`] for the last admin.
pub async fn change_role(
    grant: Grant<UpdateUser>,
    app: Data<App>,
    path: Address,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (address, seen) = (path.into_inner(), form.version()?);
    let wanted = match forms::role(&form) {
        Ok(wanted) => wanted,
        Err(form) => return again(&grant, &app, address, form, None, &req).await,
    };
    let (code, id) = address.clone();
    match app.db.write(&grant, move |tx| changed(tx, &code, id, seen, &wanted)).await {
        Ok(sentence) => {
            leave_flash(&req, "good", &sentence);
            Ok(see_other(&partners::tab(&address.0, "users")))
        }
        Err(AppError::Invalid(errors)) => again(&grant, &app, address, form.with_errors(errors), None, &req).await,
        Err(AppError::Conflict(sentence)) => again(&grant, &app, address, form, Some(sentence), &req).await,
        Err(error) => Err(error),
    }
}

async fn again(
    grant: &Grant<UpdateUser>,
    app: &App,
    address: (String, MembershipId),
    form: Form,
    notice: Option<String>,
    req: &HttpRequest,
) -> PageResult {
    let status = if notice.is_some() { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let body = role_page(grant, app, address, Some(form), notice).await?;
    Ok(Page::new(body.title(), nav(grant.actor(), "users"), body).status(status).answer(req))
}

/// The use case: a member's role is changed.
fn changed(
    tx: &mut WriteTx<'_, UpdateUser>,
    code: &str,
    id: MembershipId,
    seen: i32,
    wanted: &str,
) -> Result<Change<String>, AppError> {
    let partner = held(tx, code)?;
    let member = store::member(tx, partner.id, id)?;
    not_oneself(tx.actor(), &member)?;
    respect_system(tx.actor(), &member)?;
    respect_powers(tx.actor(), &partner, &member)?;
    if member.version != seen {
        return Err(stale(&member));
    }
    let before = member.role_at(&partner);
    if wanted == member.role_key() {
        return Ok(Change::nothing(format!("{} is {before} as before.", member.name)));
    }
    let offer = offered(tx, &partner, wanted)?;
    keep_admin(tx, &partner, &member)?;
    if !store::save_role(tx, &member, seen, &offer)? {
        return Err(stale(&member));
    }
    tell(tx, &partner, &member, &format!("are {} now, and no longer {before}", offer.name))?;
    let sentence = format!("{} is {} of {} now.", member.name, offer.name, partner.name);
    let (from, to) = (before, offer.name);
    Ok(Change::new(
        sentence,
        Event::MemberRoleChanged { partner: partner.id, user: member.user, name: member.name, from, to },
    ))
}

/// Writes to somebody whose rights changed. `what` goes on after "you".
///
/// # Errors
/// When the database does not answer.
pub(super) fn tell<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    partner: &Partner,
    member: &Member,
    what: &str,
) -> Result<(), AppError> {
    let letter = Letter::MembershipChanged {
        name: member.name.clone(),
        partner: partner.name.to_string(),
        what: what.to_owned(),
        by: tx.actor().name().to_owned(),
    };
    let post = Post::to_account(letter, member.user, &member.email, &member.name);
    outbox::queue_in(tx, &post.about_partner(partner.program_id, partner.id)).map(|_| ())
}

fn contact_changed(partner: &Partner, before: &str, after: &str) -> Event {
    let changes = FieldChange::of("Primary contact", before, after).into_iter().collect();
    Event::PartnerUpdated { partner: partner.id, name: partner.name.to_string(), changes }
}

/// `POST /partners/{code}/users/{membership}/primary-contact`
///
/// # Errors
/// As every page; [`AppError::Refused`] for somebody who cannot sign in.
pub async fn make_contact(
    grant: Grant<UpdatePartnerContacts>,
    app: Data<App>,
    path: Address,
    req: HttpRequest,
) -> PageResult {
    let (code, id) = path.into_inner();
    let back = partners::tab(&code, "users");
    let sentence = app.db.write(&grant, move |tx| made_contact(tx, &code, id)).await?;
    leave_flash(&req, "good", &sentence);
    Ok(see_other(&back))
}

/// The use case: a member becomes the one who is mailed by default.
fn made_contact(
    tx: &mut WriteTx<'_, UpdatePartnerContacts>,
    code: &str,
    id: MembershipId,
) -> Result<Change<String>, AppError> {
    let partner = held(tx, code)?;
    let member = store::member(tx, partner.id, id)?;
    let sentence = format!("{} is the primary contact of {} now.", member.name, partner.name);
    if partner.primary_contact_id == Some(member.user) {
        return Ok(Change::nothing(sentence));
    }
    if member.suspended_at.is_some() {
        return Err(AppError::Refused(format!(
            "{} is suspended here. Reactivate them first, or choose somebody who may act.",
            member.name
        )));
    }
    if member.status != UserStatus::Active {
        return Err(AppError::Refused(format!(
            "The account of {} is {}, so mail about {} would reach nobody. Choose somebody who can sign in.",
            member.name,
            member.status.label().to_lowercase(),
            partner.name
        )));
    }
    let before = partners::store::crew(tx, &partner)?
        .into_iter()
        .find(|one| Some(one.user) == partner.primary_contact_id)
        .map(|one| one.name)
        .unwrap_or_default();
    partners::store::save_contact(tx, partner.id, partner.version, Some(member.user))?;
    Ok(Change::new(sentence, contact_changed(&partner, &before, &member.name)))
}

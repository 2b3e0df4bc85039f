//! Suspending, reactivating and removing a member, and leaving a partner oneself: whoever was needed hands over first.

use actix_session::SessionExt;
use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::members::{held, respect_powers, respect_system};
use super::membership::{keep_admin, not_oneself, stale, tell};
use super::store::{self, Member};
use super::view_as::reason;
use super::views::LeavingPage;
use crate::access::session;
use crate::access::session::leave_flash;
use crate::access::{Grant, ManageSelf, Permission, RemoveUser, Standing, UpdateUser};
use crate::activity::Event;
use crate::app::App;
use crate::db::ids::MembershipId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners::handlers::nav;
use crate::partners::model::Partner;
use crate::partners::{self, store::find};
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

type Address = Path<(String, MembershipId)>;

/// How somebody stops acting for a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// An administrator suspends them.
    Suspension,
    /// An administrator lets them act again.
    Reactivation,
    /// An administrator takes them off.
    Removal,
    /// They leave.
    Leaving,
}

/// Somebody, and who could be the primary contact instead, where that is needed.
pub(super) struct Goer {
    pub partner: Partner,
    pub member: Member,
    pub successors: Option<Vec<Member>>,
    /// Why they are suspended now.
    pub reason: String,
}

/// What one way asks of whoever takes it, and of the partner.
fn goer(tx: &mut ReadTx<'_>, code: &str, id: MembershipId, way: Way) -> Result<Goer, AppError> {
    let partner = find(tx, code)?;
    let member = store::member(tx, partner.id, id)?;
    match way {
        Way::Leaving if tx.actor().user() != Some(member.user) => return Err(AppError::NotFound),
        Way::Leaving => {}
        Way::Removal => {
            respect_system(tx.actor(), &member)?;
            respect_powers(tx.actor(), &partner, &member)?;
        }
        Way::Suspension | Way::Reactivation => {
            not_oneself(tx.actor(), &member)?;
            respect_system(tx.actor(), &member)?;
            respect_powers(tx.actor(), &partner, &member)?;
        }
    }
    let is_suspended = member.suspended_at.is_some();
    if way == Way::Reactivation {
        if !is_suspended {
            return Err(AppError::Refused(format!("{} is not suspended.", member.name)));
        }
        let reason = store::suspension(tx, &member)?;
        return Ok(Goer { partner, member, successors: None, reason });
    }
    if way == Way::Suspension && is_suspended {
        return Err(AppError::Refused(format!("{} is suspended already.", member.name)));
    }
    keep_admin(tx, &partner, &member)?;
    let successors =
        if partner.primary_contact_id == Some(member.user) { Some(heirs(tx, &partner, &member)?) } else { None };
    Ok(Goer { partner, member, successors, reason: String::new() })
}

/// Who could be the primary contact after somebody.
fn heirs(tx: &mut ReadTx<'_>, partner: &Partner, member: &Member) -> Result<Vec<Member>, AppError> {
    let heirs = store::successors(tx, partner.id, member.user)?;
    if heirs.is_empty() {
        let is_self = tx.actor().user() == Some(member.user);
        let who = if is_self { "You are".to_owned() } else { format!("{} is", member.name) };
        return Err(AppError::Refused(format!(
            "{who} the primary contact of {}, and nobody else of it could be. Add somebody who can take over first.",
            partner.name
        )));
    }
    Ok(heirs)
}

/// Makes the chosen one the primary contact, where that is needed.
fn hand_over<P: Permission>(tx: &mut WriteTx<'_, P>, goer: &Goer, chosen: &str) -> Result<Option<Event>, AppError> {
    let Some(heirs) = &goer.successors else { return Ok(None) };
    let heir = heirs.iter().find(|one| one.id.to_string() == chosen).ok_or_else(|| {
        AppError::Invalid(vec![FieldError::new(
            "successor",
            "Primary contact",
            "Choose who is the primary contact from now on.",
        )])
    })?;
    partners::store::save_contact(tx, goer.partner.id, goer.partner.version, Some(heir.user))?;
    let (from, to) = (goer.member.name.clone(), heir.name.clone());
    Ok(Some(Event::ContactHandedOver { partner: goer.partner.id, from, to }))
}

/// What was typed on the page.
struct Typed {
    seen: i32,
    successor: String,
    reason: String,
}

fn read(form: &Form, way: Way) -> Result<Result<Typed, Form>, AppError> {
    let seen = form.version()?;
    let successor = form.value("successor").to_owned();
    if way != Way::Suspension {
        return Ok(Ok(Typed { seen, successor, reason: String::new() }));
    }
    let mut check = form.check();
    let reason = check.field("reason", "Reason", reason);
    Ok(check.done(|| Some(Typed { seen, successor, reason: reason? })))
}

/// The use case, whichever way; returns what to say.
fn gone<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    code: &str,
    id: MembershipId,
    way: Way,
    typed: &Typed,
) -> Result<Change<(String, bool)>, AppError> {
    held(tx, code)?;
    let goer = goer(tx, code, id, way)?;
    let handed_over = hand_over(tx, &goer, &typed.successor)?;
    let (partner, member) = (&goer.partner, &goer.member);
    let saved = match way {
        Way::Suspension => store::save_suspension(tx, member, typed.seen, Some(&typed.reason))?,
        Way::Reactivation => store::save_suspension(tx, member, typed.seen, None)?,
        Way::Removal | Way::Leaving => store::remove_member(tx, member, typed.seen)?,
    };
    if !saved {
        return Err(stale(member));
    }
    let is_self = tx.actor().user() == Some(member.user);
    let (id, user, name) = (partner.id, member.user, member.name.clone());
    let (what, sentence, event) = match way {
        Way::Suspension => (
            format!("may not act for it for now. The reason: {}", typed.reason.trim_end_matches('.')),
            format!("{name} is suspended at {}.", partner.name),
            Event::MemberSuspended { partner: id, user, name, reason: typed.reason.clone() },
        ),
        Way::Reactivation => (
            "may act for it again".to_owned(),
            format!("{name} may act for {} again.", partner.name),
            Event::MemberReactivated { partner: id, user, name },
        ),
        Way::Removal | Way::Leaving => (
            "are no longer one of its users".to_owned(),
            format!(
                "{} no longer a user of {}.",
                if is_self { "You are".into() } else { format!("{name} is") },
                partner.name
            ),
            Event::MemberRemoved { partner: id, user, name, role: member.role_at(partner) },
        ),
    };
    if !is_self {
        tell(tx, partner, member, &what)?;
    }
    let change = Change::new((sentence, is_self), event);
    Ok(match handed_over {
        Some(event) => change.with(event),
        None => change,
    })
}

async fn asked<P: Permission>(
    grant: &Grant<P>,
    app: &App,
    (code, id): (String, MembershipId),
    way: Way,
    form: Form,
) -> Result<LeavingPage, AppError> {
    app.db
        .read(grant, move |tx| {
            let goer = goer(tx, &code, id, way)?;
            Ok(LeavingPage::new(&goer, way, tx.actor(), form))
        })
        .await
}

async fn shown<P: Permission>(
    grant: &Grant<P>,
    app: &App,
    address: (String, MembershipId),
    way: Way,
    req: &HttpRequest,
) -> PageResult {
    let body = asked(grant, app, address, way, Form::default()).await?;
    Ok(Page::new(body.title.clone(), nav(grant.actor(), "users"), body).answer(req))
}

/// What was done; or the page again, with what is wrong.
async fn done<P: Permission>(
    grant: &Grant<P>,
    app: &App,
    address: (String, MembershipId),
    way: Way,
    form: Form,
    req: &HttpRequest,
) -> Result<Result<(String, bool), actix_web::HttpResponse>, AppError> {
    let refused = match read(&form, way)? {
        Err(form) => form,
        Ok(typed) => {
            let (code, id) = address.clone();
            match app.db.write(grant, move |tx| gone(tx, &code, id, way, &typed)).await {
                Ok(done) => return Ok(Ok(done)),
                Err(AppError::Invalid(errors)) => form.with_errors(errors),
                Err(error) => return Err(error),
            }
        }
    };
    let body = asked(grant, app, address, way, refused).await?;
    Ok(Err(Page::new(body.title.clone(), nav(grant.actor(), "users"), body).refused().answer(req)))
}

async fn acted<P: Permission>(
    grant: &Grant<P>,
    app: &App,
    address: (String, MembershipId),
    way: Way,
    form: Form,
    req: &HttpRequest,
) -> PageResult {
    let back = partners::tab(&address.0, "users");
    match done(grant, app, address, way, form, req).await? {
        Err(page) => Ok(page),
        Ok((sentence, is_self)) => {
            leave_flash(req, "good", &sentence);
            Ok(see_other(if is_self { "/" } else { &back }))
        }
    }
}

/// `GET /partners/{code}/users/{membership}/suspend`
///
/// # Errors
/// As every page; [`AppError::Forbidden`] for oneself and for who holds more, [`AppError::Refused`] for the last admin.
pub async fn confirm_suspension(
    grant: Grant<UpdateUser>,
    app: Data<App>,
    path: Address,
    req: HttpRequest,
) -> PageResult {
    shown(&grant, &app, path.into_inner(), Way::Suspension, &req).await
}

/// `POST /partners/{code}/users/{membership}/suspend`
///
/// # Errors
/// As [`confirm_suspension`]; [`AppError::Conflict`] when the membership changed meanwhile.
pub async fn suspend(
    grant: Grant<UpdateUser>,
    app: Data<App>,
    path: Address,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    acted(&grant, &app, path.into_inner(), Way::Suspension, form, &req).await
}

/// `GET /partners/{code}/users/{membership}/reactivate`
///
/// # Errors
/// As [`confirm_suspension`]; [`AppError::Refused`] when they are not suspended.
pub async fn confirm_reactivation(
    grant: Grant<UpdateUser>,
    app: Data<App>,
    path: Address,
    req: HttpRequest,
) -> PageResult {
    shown(&grant, &app, path.into_inner(), Way::Reactivation, &req).await
}

/// `POST /partners/{code}/users/{membership}/reactivate`
///
/// # Errors
/// As [`confirm_reactivation`]; [`AppError::Conflict`] when the membership changed meanwhile.
pub async fn reactivate(
    grant: Grant<UpdateUser>,
    app: Data<App>,
    path: Address,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    acted(&grant, &app, path.into_inner(), Way::Reactivation, form, &req).await
}

/// `GET /partners/{code}/users/{membership}/remove`
///
/// # Errors
/// As every page; [`AppError::Forbidden`] for system administrators, [`AppError::Refused`] for the last admin.
pub async fn confirm_removal(grant: Grant<RemoveUser>, app: Data<App>, path: Address, req: HttpRequest) -> PageResult {
    shown(&grant, &app, path.into_inner(), Way::Removal, &req).await
}

/// `POST /partners/{code}/users/{membership}/remove`
///
/// # Errors
/// As [`confirm_removal`]; [`AppError::Conflict`] when the membership changed meanwhile.
pub async fn remove(
    grant: Grant<RemoveUser>,
    app: Data<App>,
    path: Address,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    acted(&grant, &app, path.into_inner(), Way::Removal, form, &req).await
}

/// Oneself with one of one's own memberships, and the code of its partner.
async fn oneself(
    grant: &Grant<ManageSelf>,
    app: &App,
    id: MembershipId,
) -> Result<(Grant<ManageSelf>, (String, MembershipId)), AppError> {
    let own = grant.actor().clone();
    let actor =
        app.db.system("act with one of one’s own memberships", move |tx| session::acting_with(tx, &own, id)).await?;
    if actor.standing() == Standing::NeedsSecondFactor {
        return Err(AppError::SecondFactor);
    }
    let code = actor.partner().map(|partner| partner.code.clone()).ok_or(AppError::NotFound)?;
    Ok((Grant::check(actor)?, (code, id)))
}

/// `GET /me/memberships/{membership}/leave`
///
/// # Errors
/// As every page; [`AppError::NotFound`] for memberships of others, [`AppError::Refused`] for the last admin.
pub async fn confirm_leaving(
    grant: Grant<ManageSelf>,
    app: Data<App>,
    path: Path<MembershipId>,
    req: HttpRequest,
) -> PageResult {
    let (own, address) = oneself(&grant, &app, path.into_inner()).await?;
    let body = asked(&own, &app, address, Way::Leaving, Form::default()).await?;
    Ok(Page::new(body.title.clone(), Nav::None, body).answer(&req))
}

/// `POST /me/memberships/{membership}/leave`
///
/// # Errors
/// As [`confirm_leaving`]; [`AppError::Conflict`] when the membership changed meanwhile.
pub async fn leave(
    grant: Grant<ManageSelf>,
    app: Data<App>,
    path: Path<MembershipId>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (own, address) = oneself(&grant, &app, path.into_inner()).await?;
    match done(&own, &app, address, Way::Leaving, form, &req).await? {
        Err(page) => Ok(page),
        Ok((sentence, _)) => {
            // Other rights, another token.
            session::rotate(&req.get_session())?;
            leave_flash(&req, "good", &sentence);
            Ok(see_other("/me"))
        }
    }
}

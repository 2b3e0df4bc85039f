//! The Users tab of a partner, and adding somebody to it.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use askama::Template;

use super::UserStatus;
use super::forms::{self, Adding};
use super::store::{self, Candidate, Member, MemberFilter};
use super::views::{AddPage, MemberRow, UsersPage};
use crate::access::session::leave_flash;
use crate::access::{Actor, AddUser, Grant, MemberRole, Permission, ReadUsers, Role};
use crate::activity::Event;
use crate::app::App;
use crate::db::ids::MembershipId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners::handlers::{Found, found, nav};
use crate::partners::model::{Partner, Status};
use crate::partners::{self, store::find};
use crate::roles::{self, Offer};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::listing::{Cursor, Keyset, Params, counted};
use crate::web::page::{Page, PageResult};
use crate::web::see_other;

/// Rows on a page, unless the address says otherwise: most partners fit on one.
const ROWS: i64 = 100;

/// `GET /partners/{code}/users`
///
/// # Errors
/// As every page.
pub async fn index(
    grant: Grant<ReadUsers>,
    app: Data<App>,
    code: Path<String>,
    params: Params,
    req: HttpRequest,
) -> PageResult {
    let body = app.db.read(&grant, move |tx| list(tx, &code, params)).await?;
    let title = format!("Users of {}", body.header.name);
    Ok(Page::new(title, nav(grant.actor(), "users"), body).region(|body| body.as_members().render()).answer(&req))
}

fn list(tx: &mut ReadTx<'_>, code: &str, params: Params) -> Result<UsersPage, AppError> {
    let Found { partner, header, .. } = found(tx, code, "users")?;
    let filter = MemberFilter {
        search: params.get("q").to_owned(),
        role: MemberRole::from_key(params.get("role")),
        status: UserStatus::from_key(params.get("state")),
    };
    let asked = params.keyset();
    let keyset = if params.get("size").is_empty() { Keyset { size: ROWS, ..asked } } else { asked };
    let rows = store::members(tx, partner.id, &filter, &keyset)?;
    let total = counted(store::count_members(tx, partner.id, &filter)?, "user", "users");
    let (actor, now) = (tx.actor().clone(), tx.now());
    let page = keyset
        .window(rows, &params, |member: &Member| Cursor { key: member.sort_name.clone(), id: member.id.uuid() })
        .map(|member| MemberRow::new(member, &partner, &actor, now));
    Ok(UsersPage {
        header,
        roles: MemberRole::offered(partner.is_hosting),
        is_hosting: partner.is_hosting,
        params,
        page,
        total,
    })
}

/// A member of any partner in scope.
///
/// # Errors
/// [`AppError::NotFound`] out of scope.
pub fn found_member(tx: &mut ReadTx<'_>, id: MembershipId) -> Result<store::Found, AppError> {
    let (member, partner) = store::anywhere(tx, id)?;
    let names = partners::store::names(tx, &[partner])?;
    let (partner_code, partner_name) = names.get(&partner).cloned().ok_or(AppError::NotFound)?;
    Ok(store::Found { member, partner_code, partner_name })
}

/// A partner that no one else changes the members of until the transaction ends.
///
/// # Errors
/// [`AppError::NotFound`] outside the scope.
pub fn held<P: Permission>(tx: &mut WriteTx<'_, P>, code: &str) -> Result<Partner, AppError> {
    let partner = find(tx, code)?;
    store::hold_partner(tx, &partner)?;
    find(tx, code)
}

/// Refuses people who are not system administrators to act on one who is (T08).
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn respect_system(actor: &Actor, member: &Member) -> Result<(), AppError> {
    if member.is_system && actor.role() != Some(Role::SystemAdmin) {
        return Err(AppError::Forbidden(format!(
            "{} is a system administrator. Only another system administrator can do this.",
            member.name
        )));
    }
    Ok(())
}

/// Refuses people to act on somebody whose role holds more than theirs: whoever may change users, and little else,
/// cannot put the admins out.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn respect_powers(actor: &Actor, partner: &Partner, member: &Member) -> Result<(), AppError> {
    if member.powers_at(partner).beyond(actor.may_give()).is_empty() {
        return Ok(());
    }
    Err(AppError::Forbidden(format!(
        "{} holds more than your own role includes. Somebody who holds as much can do this.",
        member.name
    )))
}

/// `GET /partners/{code}/users/new`
///
/// # Errors
/// As every page; [`AppError::Refused`] for an archived partner.
pub async fn new(grant: Grant<AddUser>, app: Data<App>, code: Path<String>, req: HttpRequest) -> PageResult {
    let body = add_page(&grant, &app, code.into_inner(), Form::default()).await?;
    Ok(Page::new(body.title(), nav(grant.actor(), "users"), body).answer(&req))
}

async fn add_page(grant: &Grant<AddUser>, app: &App, code: String, form: Form) -> Result<AddPage, AppError> {
    app.db
        .read(grant, move |tx| {
            let partner = find(tx, &code)?;
            open(&partner)?;
            let offers = roles::store::offers(tx, &partner)?;
            Ok(AddPage::new(&partner, &offers, tx.actor(), form))
        })
        .await
}

fn open(partner: &Partner) -> Result<(), AppError> {
    if partner.status == Status::Archived {
        return Err(AppError::Refused(format!("{} is archived. Restore it before you add people.", partner.name)));
    }
    Ok(())
}

/// `POST /partners/{code}/users/new`
///
/// # Errors
/// As every page; [`AppError::Refused`] for an archived partner.
pub async fn add(
    grant: Grant<AddUser>,
    app: Data<App>,
    code: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let code = code.into_inner();
    let added = match forms::adding(&form) {
        Ok(adding) => {
            let code = code.clone();
            app.db.write(&grant, move |tx| added(tx, &code, &adding)).await.map_err(|error| match error {
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
            let body = add_page(&grant, &app, code, form).await?;
            Ok(Page::new(body.title(), nav(grant.actor(), "users"), body).refused().answer(&req))
        }
    }
}

/// The use case: an existing account becomes a member.
///
/// # Errors
/// [`AppError::Invalid`] at the field, when there is no such account or it cannot be added.
pub fn added(tx: &mut WriteTx<'_, AddUser>, code: &str, adding: &Adding) -> Result<Change<String>, AppError> {
    let partner = held(tx, code)?;
    open(&partner)?;
    let offer = offered(tx, &partner, &adding.role)?;
    let Candidate { user, name, email, .. } = welcome(tx, adding)?;
    store::add_member(tx, &partner, user, &offer)?;
    let role = offer.name;
    let sentence = format!("{name} is {role} of {} now.", partner.name);
    Ok(Change::new(sentence, Event::MemberAdded { partner: partner.id, user, name, email, role }))
}

/// The role that a form chose, when it can be given at the partner by whoever acts.
///
/// # Errors
/// [`AppError::Invalid`] at the field: there is no such role there, or it holds more than the giver does.
pub fn offered(tx: &mut ReadTx<'_>, partner: &Partner, key: &str) -> Result<Offer, AppError> {
    let refused = |message: String| AppError::Invalid(vec![FieldError::new("role", "Role", message)]);
    let offer = roles::store::offers(tx, partner)?
        .into_iter()
        .find(|offer| offer.key() == key)
        .ok_or_else(|| refused("This is no role at this partner. Choose one of the list.".into()))?;
    let beyond = offer.beyond(tx.actor());
    match beyond.rules().next() {
        None => Ok(offer),
        Some(rule) => Err(refused(format!(
            "{} includes more than your own role does ({}: {}). Choose another, or ask somebody who has it.",
            offer.name, rule.resource, rule.action
        ))),
    }
}

fn welcome(tx: &mut WriteTx<'_, AddUser>, adding: &Adding) -> Result<Candidate, AppError> {
    let refused = |field, label, message: &str| AppError::Invalid(vec![FieldError::new(field, label, message)]);
    let is_system = tx.actor().role() == Some(Role::SystemAdmin);
    // To a hosting admin a system administrator looks like nobody.
    let found = store::candidate(tx, &adding.email)?.filter(|found| is_system || !found.is_system);
    match found {
        None => Err(refused(
            "email",
            "E-mail",
            "No account in this program uses this address. Ask a system administrator to make one, or to add somebody of another program.",
        )),
        Some(found) if found.status == UserStatus::Deactivated => {
            Err(refused("email", "E-mail", "This account is deactivated. Ask whoever runs Portico to enable it first."))
        }
        Some(found) => Ok(found),
    }
}

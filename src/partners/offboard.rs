//! Before a partner goes: whom it touches, who stays reachable, and its people as a file.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::model::{Move, Partner, Status};
use super::status::moved;
use super::store;
use super::views::may;
use crate::access::session::leave_flash;
use crate::access::{Grant, ManagePartnerStatus, ReadUsers};
use crate::activity::Event;
use crate::app::App;
use crate::db::ids::{PartnerId, UserId};
use crate::db::{Change, ReadTx, WriteTx};
use crate::people::store::{Member, elsewhere, everybody};
use crate::values::paragraphs;
use crate::web::error::AppError;
use crate::web::export::{Format, Table};
use crate::web::form::{FieldError, Form};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// What is said of a partner that somebody has to choose a contact for.
pub(super) const UNREACHABLE: &str =
    "has no primary contact who can act. Somebody who sees its users has to name one on its own page of offboarding.";

/// Whether somebody has to be chosen who can be reached until the end: there are people, and the contact is none of
/// them who can act.
///
/// # Errors
/// When the database does not answer.
pub(super) fn needs_contact(tx: &mut ReadTx<'_>, partner: &Partner) -> Result<bool, AppError> {
    let people = everybody(tx, partner.id)?;
    let mut able = people.iter().filter(|one| one.can_act()).peekable();
    Ok(able.peek().is_some() && !able.any(|one| partner.primary_contact_id == Some(one.user)))
}

/// The page: everything that the partner leaves behind.
#[derive(Template)]
#[template(path = "partners/offboard.html")]
struct OffboardPage {
    name: String,
    address: String,
    is_hosting: bool,
    version: i32,
    /// How many work for it; who, only for those to know who may see users.
    count: usize,
    sees_people: bool,
    people: Vec<Leaver>,
    invitations: Vec<(String, String)>,
    contacts: Vec<(String, String)>,
    form: Form,
}

impl OffboardPage {
    fn has_nobody(&self) -> bool {
        self.count == 0
    }
}

/// Somebody of the partner.
struct Leaver {
    name: String,
    email: String,
    role: String,
    is_contact: bool,
    /// Other partners whose members they are.
    others: Vec<String>,
}

fn others_of(tx: &mut ReadTx<'_>, partner: PartnerId, people: &[Member]) -> Result<Vec<(UserId, String)>, AppError> {
    let ids: Vec<UserId> = people.iter().map(|one| one.user).collect();
    let others = elsewhere(tx, &ids, partner)?;
    let partners: Vec<PartnerId> = others.iter().map(|(_, partner)| *partner).collect();
    let names = store::names(tx, &partners)?;
    let named = |(user, partner): &(UserId, PartnerId)| Some((*user, names.get(partner)?.1.clone()));
    Ok(others.iter().filter_map(named).collect())
}

fn page(tx: &mut ReadTx<'_>, code: &str, form: Form) -> Result<OffboardPage, AppError> {
    let partner = store::find(tx, code)?;
    partner.status.after(Move::Offboard).map_err(AppError::Refused)?;
    let everybody = everybody(tx, partner.id)?;
    let (count, sees_people) = (everybody.len(), may::<ReadUsers>(tx.actor()));
    let people = if sees_people { everybody } else { Vec::new() };
    let others = others_of(tx, partner.id, &people)?;
    let open = if sees_people { store::open_invitations(tx, &partner)? } else { Vec::new() };
    let able = people.iter().filter(|one| one.can_act());
    let contacts = able.map(|one| (one.user.to_string(), format!("{}, {}", one.name, one.role_at(&partner)))).collect();
    Ok(OffboardPage {
        name: partner.name.to_string(),
        address: super::address(partner.code.as_str()),
        is_hosting: partner.is_hosting,
        version: partner.version,
        invitations: open.into_iter().map(|one| (one.name, one.email)).collect(),
        contacts,
        count,
        sees_people,
        people: people
            .into_iter()
            .map(|one| Leaver {
                role: one.role_at(&partner),
                is_contact: partner.primary_contact_id == Some(one.user),
                others: others.iter().filter(|(user, _)| *user == one.user).map(|(_, name)| name.clone()).collect(),
                name: one.name,
                email: one.email,
            })
            .collect(),
        form,
    })
}

fn first_look(partner: &Partner) -> Form {
    let contact = partner.primary_contact_id.map(|id| id.to_string()).unwrap_or_default();
    Form::filled([("contact", contact)])
}

/// `GET /partners/{code}/status/offboarding`
///
/// # Errors
/// As every page; [`AppError::Refused`] when the partner's status does not allow it.
pub(super) async fn confirm(
    grant: &Grant<ManagePartnerStatus>,
    app: &App,
    code: String,
    req: &HttpRequest,
) -> PageResult {
    let body = app
        .db
        .read(grant, move |tx| {
            let form = first_look(&store::find(tx, &code)?);
            page(tx, &code, form)
        })
        .await?;
    Ok(Page::new(format!("Offboard {}?", body.name), Nav::Partners, body).answer(req))
}

/// `POST /partners/{code}/status/offboarding`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] when the rules forbid it.
pub(super) async fn apply(
    grant: &Grant<ManagePartnerStatus>,
    app: &App,
    code: String,
    form: Form,
    req: &HttpRequest,
) -> PageResult {
    let seen = form.version()?;
    let mut check = form.check();
    let reason = check.optional("reason", "Reason", paragraphs);
    let refused = match check.done(|| reason.map(Option::unwrap_or_default)) {
        Err(form) => form,
        Ok(reason) => {
            let (wanted, contact) = (code.clone(), form.value("contact").to_owned());
            match app.db.write(grant, move |tx| offboarded(tx, &wanted, seen, &contact, &reason)).await {
                Ok(name) => {
                    leave_flash(req, "good", &format!("{name} is offboarding now."));
                    return Ok(see_other(&super::address(&code)));
                }
                Err(AppError::Invalid(errors)) => form.with_errors(errors),
                Err(error) => return Err(error),
            }
        }
    };
    let body = app.db.read(grant, move |tx| page(tx, &code, refused)).await?;
    Ok(Page::new(format!("Offboard {}?", body.name), Nav::Partners, body).refused().answer(req))
}

/// The use case: a partner goes, and somebody of it stays reachable.
fn offboarded(
    tx: &mut WriteTx<'_, ManagePartnerStatus>,
    code: &str,
    seen: i32,
    contact: &str,
    reason: &str,
) -> Result<Change<String>, AppError> {
    let partner = crate::people::members::held(tx, code)?;
    let people = everybody(tx, partner.id)?;
    let present = people.iter().find(|one| one.can_act() && partner.primary_contact_id == Some(one.user));
    let chosen = match may::<ReadUsers>(tx.actor()) {
        true => people.iter().find(|one| one.can_act() && one.user.to_string() == contact),
        // Who does not see its people cannot choose among them: whoever is the contact stays it.
        false if present.is_none() && people.iter().any(Member::can_act) => {
            return Err(AppError::Refused(format!("{} {UNREACHABLE}", partner.name)));
        }
        false => present,
    };
    let change = moved(tx, &partner, seen, Move::Offboard, reason)?.map(|(name, _): (String, Status)| name);
    match chosen {
        Some(one) if partner.primary_contact_id == Some(one.user) => Ok(change),
        Some(one) => {
            let before = people.iter().find(|other| partner.primary_contact_id == Some(other.user));
            let from = before.map_or_else(|| "nobody".to_owned(), |other| other.name.clone());
            store::save_contact(tx, partner.id, seen + 1, Some(one.user))?;
            Ok(change.with(Event::ContactHandedOver { partner: partner.id, from, to: one.name.clone() }))
        }
        None if people.iter().any(Member::can_act) => Err(AppError::Invalid(vec![FieldError::new(
            "contact",
            "Primary contact",
            "Choose who can be reached until it is archived.",
        )])),
        // There is nobody to choose.
        None => Ok(change),
    }
}

/// `GET /partners/{code}/members.csv`
///
/// # Errors
/// As every page.
pub async fn members(grant: Grant<ReadUsers>, app: Data<App>, code: Path<String>) -> Result<HttpResponse, AppError> {
    let (name, table) = app
        .db
        .read(&grant, move |tx| {
            let partner = store::find(tx, &code)?;
            let people = everybody(tx, partner.id)?;
            let others = others_of(tx, partner.id, &people)?;
            let mut table =
                Table::new(&["name", "email", "role", "state", "suspended", "primary_contact", "last_seen", "also_at"]);
            let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
            for one in people {
                let also: Vec<&str> =
                    others.iter().filter(|(user, _)| *user == one.user).map(|(_, name)| name.as_str()).collect();
                table.push(vec![
                    one.name.clone(),
                    one.email.clone(),
                    one.role_at(&partner),
                    crate::values::Choice::key(one.status).to_owned(),
                    yes(one.suspended_at.is_some()),
                    yes(partner.primary_contact_id == Some(one.user)),
                    one.last_seen.map(|at| at.to_rfc3339()).unwrap_or_default(),
                    also.join("; "),
                ]);
            }
            Ok((format!("users-{}", partner.code), table))
        })
        .await?;
    table.answer(&name, Format::Csv).await
}

/// A partner that has a primary contact keeps one, who can act.
///
/// # Errors
/// [`AppError::Invalid`] at the field.
pub(super) fn reachable(tx: &mut ReadTx<'_>, partner: &Partner, contact: Option<UserId>) -> Result<(), AppError> {
    let able = match contact {
        Some(user) => everybody(tx, partner.id)?.iter().any(|one| one.user == user && one.can_act()),
        None => partner.primary_contact_id.is_none(),
    };
    if able {
        return Ok(());
    }
    let message = match contact {
        Some(_) => "They cannot sign in and act for the partner now. Choose somebody who can.",
        None => "A partner keeps its primary contact. Choose who it is from now on.",
    };
    Err(AppError::Invalid(vec![FieldError::new("contact", "Primary contact", message)]))
}

//! The list of roles, and removing one.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::grid::in_words;
use super::model::{Custom, lent_by};
use super::store;
use super::views::{IndexPage, Row};
use crate::access::session::leave_flash;
use crate::access::{CreateRole, DeleteRole, Grant, Powers, ReadRoles, ReadUsers, Role};
use crate::activity::Event;
use crate::app::App;
use crate::db::ids::RoleId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners::views::{ConfirmPage, may};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::listing::exactly;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// `GET /roles`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadRoles>, app: Data<App>, req: HttpRequest) -> PageResult {
    let can_create = may::<CreateRole>(grant.actor());
    let system = app.config.session.system_second_factor;
    let body = app.db.read(&grant, move |tx| list(tx, can_create, system)).await?;
    Ok(Page::new("Roles", Nav::Users, body).answer(&req))
}

fn list(tx: &mut ReadTx<'_>, can_create: bool, system_second_factor: bool) -> Result<IndexPage, AppError> {
    let (counts, asked) = (store::count(tx)?, store::second_factor_roles(tx)?);
    let own = store::all(tx)?.into_iter().map(|role| {
        let people = counts.own.get(&role.id).copied().unwrap_or_default();
        own_row(&role, people)
    });
    let own = own.collect();
    let built_in = Role::ALL.into_iter().map(|role| {
        let facts = lent_by(role);
        let people = match role {
            Role::SystemAdmin => "Above all programs".to_owned(),
            _ => exactly(counts.built_in.get(&role).copied().unwrap_or_default(), "person", "people"),
        };
        let needs = asked.contains(&role) || (role == Role::SystemAdmin && system_second_factor);
        Row {
            key: role.key().into(),
            name: role.name().into(),
            address: None,
            people,
            sees: sees(facts.program_wide),
            words: words(if role == Role::SystemAdmin { Powers::of(role) } else { facts.powers }, facts.program_wide),
            second_factor: needs,
            note: String::new(),
        }
    });
    let sees_people = may::<ReadUsers>(tx.actor());
    Ok(IndexPage { own, built_in: built_in.collect(), can_create, sees_people })
}

fn own_row(role: &Custom, people: i64) -> Row {
    let facts = &role.facts;
    let copied =
        if facts.copied_from.is_empty() { String::new() } else { format!("Copied from {}", facts.copied_from) };
    Row {
        key: role.id.to_string(),
        name: facts.name.clone(),
        address: Some(format!("/roles/{}", role.id)),
        people: exactly(people, "person", "people"),
        sees: sees(facts.program_wide),
        words: words(facts.powers, facts.program_wide),
        second_factor: facts.second_factor,
        note: copied,
    }
}

fn words(powers: Powers, program_wide: bool) -> Vec<String> {
    in_words(powers, program_wide).0.into_iter().skip(1).collect()
}

fn sees(program_wide: bool) -> &'static str {
    if program_wide { "All partners" } else { "Own partner" }
}

/// Refuses to remove a role that somebody has or is invited to.
fn unused(tx: &mut ReadTx<'_>, role: &Custom) -> Result<(), AppError> {
    let (holders, invited) = (store::holders(tx, role)?, store::invited(tx, role)?);
    let held = holders.iter().map(|one| format!("{} ({})", one.name, one.partner));
    let open = invited.iter().map(|name| format!("{name} (invited)"));
    let who: Vec<String> = held.chain(open).collect();
    let shown: Vec<&str> = who.iter().take(5).map(String::as_str).collect();
    let more = match who.len().saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    if who.is_empty() {
        return Ok(());
    }
    Err(AppError::Refused(format!(
        "{} is the role of {}{more}. Give them another one, or revoke the invitation, first.",
        role.facts.name,
        shown.join(", ")
    )))
}

/// `GET /roles/{id}/remove`
///
/// # Errors
/// As every page; [`AppError::Refused`] while somebody has it or is invited to it.
pub async fn confirm_removal(
    grant: Grant<DeleteRole>,
    app: Data<App>,
    id: Path<RoleId>,
    req: HttpRequest,
) -> PageResult {
    let id = id.into_inner();
    let body = app
        .db
        .read(&grant, move |tx| {
            let role = store::find(tx, id)?;
            super::edit::respect(tx.actor(), &role)?;
            unused(tx, &role)?;
            Ok(removal(&role))
        })
        .await?;
    Ok(Page::new(body.title.clone(), Nav::Users, body).answer(&req))
}

fn removal(role: &Custom) -> ConfirmPage {
    let (name, address) = (&role.facts.name, format!("/roles/{}", role.id));
    ConfirmPage {
        crumbs: vec![("/roles".into(), "Roles".into()), (address.clone(), name.clone())],
        title: format!("Remove the role {name}?"),
        lead: "Nobody has it, and nobody is invited to it.".into(),
        effects: vec![
            "It can no longer be given to anybody.".into(),
            "What its people did stays in the activity, with its name.".into(),
        ],
        skipped: Vec::new(),
        action: format!("{address}/remove"),
        button: "Remove".into(),
        harsh: true,
        cancel: address,
        reason: None,
        tick: None,
        hidden: vec![("version".into(), role.version.to_string())],
        form: Form::default(),
    }
}

/// `POST /roles/{id}/remove`
///
/// # Errors
/// As [`confirm_removal`]; [`AppError::Conflict`] when it was changed meanwhile.
pub async fn remove(
    grant: Grant<DeleteRole>,
    app: Data<App>,
    id: Path<RoleId>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (id, seen) = (id.into_inner(), form.version()?);
    let name = app.db.write(&grant, move |tx| removed(tx, id, seen)).await?;
    leave_flash(&req, "good", &format!("The role {name} is removed."));
    Ok(see_other("/roles"))
}

/// The use case: a role is removed.
fn removed(tx: &mut WriteTx<'_, DeleteRole>, id: RoleId, seen: i32) -> Result<Change<String>, AppError> {
    let role = store::hold(tx, id)?;
    super::edit::respect(tx.actor(), &role)?;
    unused(tx, &role)?;
    if !store::remove(tx, id, seen)? {
        return Err(super::edit::stale(&role));
    }
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let name = role.facts.name;
    Ok(Change::new(name.clone(), Event::RoleRemoved { program, name }))
}

//! Making a role, and changing one: nobody grants more than they hold.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::forms::{self, Typed};
use super::grid::{difference, in_words, lines};
use super::model::{Custom, Facts, lent_by, listed};
use super::store::{self, Holder};
use super::views::{HolderRow, RolePage};
use crate::access::session::leave_flash;
use crate::access::{Actor, CreateRole, DeleteRole, Grant, ReadRoles, ReadUsers, Role, UpdateRole};
use crate::activity::Event;
use crate::app::App;
use crate::db::ids::RoleId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners::views::may;
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::listing::{Params, exactly};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// Refuses to change a role that holds more than whoever acts.
pub(super) fn respect(actor: &Actor, role: &Custom) -> Result<(), AppError> {
    let beyond = role.facts.powers.beyond(actor.may_give());
    if beyond.is_empty() {
        return Ok(());
    }
    Err(AppError::Forbidden(format!(
        "{} holds more than your own role includes ({}). Somebody who holds as much can change it.",
        role.facts.name,
        listed(beyond)
    )))
}

pub(super) fn stale(role: &Custom) -> AppError {
    AppError::Conflict(format!(
        "The role {} was changed while you were looking at it. Nothing was saved: compare, then save again.",
        role.facts.name
    ))
}

/// No one grants more than they hold.
fn within(actor: &Actor, wanted: &Facts) -> Result<(), AppError> {
    let beyond = wanted.powers.beyond(actor.may_give());
    if beyond.is_empty() {
        return Ok(());
    }
    let message = format!("You do not hold this yourself: {}. Ask somebody who does.", listed(beyond));
    Err(AppError::Invalid(vec![FieldError::new("grant", "What this role may do", message)]))
}

/// The role that another was copied from, when it is still there.
fn base(tx: &mut ReadTx<'_>, name: &str) -> Result<Option<Facts>, AppError> {
    if name.is_empty() {
        return Ok(None);
    }
    if let Some(role) = Role::ALL.into_iter().find(|role| role.name() == name) {
        return Ok(Some(lent_by(role)));
    }
    Ok(store::all(tx)?.into_iter().find(|role| role.facts.name == name).map(|role| role.facts))
}

/// What is shown of a form.
#[derive(Default)]
struct Shown {
    form: Form,
    notice: Option<String>,
    agreed: String,
    wanted: Option<Facts>,
}

fn new_page(tx: &mut ReadTx<'_>, shown: Shown) -> Result<RolePage, AppError> {
    let from = shown.form.value("from").to_owned();
    let base = base(tx, &from)?;
    let powers = forms::ticked(&shown.form);
    let (does, cannot) = in_words(powers, !shown.form.is("sees", "own"));
    let lead = match &base {
        Some(_) => format!("Begins as a copy of {from}. Takes effect once it is given to somebody."),
        None => "Takes effect once it is given to somebody.".into(),
    };
    Ok(RolePage {
        title: "New role".into(),
        lead,
        action: "/roles".into(),
        address: String::new(),
        locked: None,
        can_remove: false,
        kept: String::new(),
        notice: shown.notice,
        agreed: String::new(),
        lines: lines(&shown.form, tx.actor(), base.as_ref()),
        base: base.map(|_| from).unwrap_or_default(),
        does,
        cannot,
        holders: Vec::new(),
        sees_people: false,
        is_new: true,
        form: shown.form,
    })
}

/// `GET /roles/new`
///
/// # Errors
/// As every page; [`AppError::NotFound`] for a role to copy that is not there.
pub async fn new(grant: Grant<CreateRole>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let from = params.get("from").to_owned();
    let body = app
        .db
        .read(&grant, move |tx| {
            let facts = copied(tx, &from)?;
            // What the copier does not hold cannot be handed on.
            let powers = facts.powers.beyond(facts.powers.beyond(tx.actor().may_give()));
            let facts = Facts { name: String::new(), powers, ..facts };
            new_page(tx, Shown { form: forms::filled(&facts, None), ..Shown::default() })
        })
        .await?;
    Ok(Page::new("New role", Nav::Users, body).answer(&req))
}

fn copied(tx: &mut ReadTx<'_>, from: &str) -> Result<Facts, AppError> {
    if from.is_empty() {
        let empty = lent_by(Role::PartnerUser);
        return Ok(Facts { copied_from: String::new(), powers: Default::default(), program_wide: true, ..empty });
    }
    if let Some(role) = Role::from_key(from) {
        return Ok(lent_by(role));
    }
    let id: RoleId = from.parse().map_err(|_| AppError::NotFound)?;
    let role = store::find(tx, id)?;
    Ok(Facts { copied_from: role.facts.name.clone(), ..role.facts })
}

/// `POST /roles`
///
/// # Errors
/// As every page; [`AppError::Refused`] when the program has as many as it may.
pub async fn create(grant: Grant<CreateRole>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let refused = match forms::role(&form, &known_base(&grant, &app, &form).await?) {
        Err(form) => form,
        Ok(typed) => {
            let wanted = typed.facts.clone();
            match app.db.write(&grant, move |tx| created(tx, &wanted)).await {
                Ok(id) => {
                    leave_flash(&req, "good", &said("is made", &typed));
                    return Ok(see_other(&format!("/roles/{id}")));
                }
                Err(AppError::Invalid(errors)) => form.with_errors(errors),
                Err(error) => return Err(error),
            }
        }
    };
    let body = app.db.read(&grant, move |tx| new_page(tx, Shown { form: refused, ..Shown::default() })).await?;
    Ok(Page::new("New role", Nav::Users, body).refused().answer(&req))
}

/// The name in the hidden field, when there is such a role.
async fn known_base(grant: &Grant<CreateRole>, app: &App, form: &Form) -> Result<String, AppError> {
    let from = form.value("from").to_owned();
    let asked = from.clone();
    let known = app.db.read(grant, move |tx| base(tx, &asked)).await?;
    Ok(known.map(|_| from).unwrap_or_default())
}

fn said(what: &str, typed: &Typed) -> String {
    let mut text = format!("The role {} {what}.", typed.facts.name);
    if !typed.added.is_empty() {
        text.push_str(&format!(" It got {} too: whoever changes something can look at it.", listed(typed.added)));
    }
    if !typed.dropped.is_empty() {
        text.push_str(&format!(" Left out, as it sees its own partner alone: {}.", listed(typed.dropped)));
    }
    text
}

/// The use case: a role is made.
fn created(tx: &mut WriteTx<'_, CreateRole>, wanted: &Facts) -> Result<Change<RoleId>, AppError> {
    within(tx.actor(), wanted)?;
    not_built_in(&wanted.name)?;
    let id = store::insert(tx, wanted)?;
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    // What it holds from the start stands in the activity beside what is changed later.
    let nothing = Facts { name: wanted.name.clone(), powers: Default::default(), ..wanted.clone() };
    let changes = nothing.changes(wanted);
    let made = Event::RoleCreated { program, name: wanted.name.clone() };
    Ok(Change::new(id, made).with(Event::RoleUpdated { program, name: wanted.name.clone(), changes }))
}

/// Two roles of one name would be told apart by nobody.
fn not_built_in(name: &str) -> Result<(), AppError> {
    let same = |role: &Role| role.name().to_lowercase() == name.to_lowercase();
    if Role::ALL.iter().any(same) {
        let message = "This is the name of a built-in role. Choose another.";
        return Err(AppError::Invalid(vec![FieldError::new("name", "Name", message)]));
    }
    Ok(())
}

fn page(tx: &mut ReadTx<'_>, id: RoleId, shown: Option<Shown>) -> Result<RolePage, AppError> {
    let role = store::find(tx, id)?;
    let base = base(tx, &role.facts.copied_from)?;
    let count = store::count(tx)?.own.get(&id).copied().unwrap_or_default();
    let invited = store::invited(tx, &role)?.len() as i64;
    // Who has it is for those to know who may see people.
    let holders = if may::<ReadUsers>(tx.actor()) { store::holders(tx, &role)? } else { Vec::new() };
    let actor = tx.actor();
    let locked = match (may::<UpdateRole>(actor), respect(actor, &role)) {
        (false, _) => Some("Your role can read this. Hosting admins can change it.".to_owned()),
        (true, Err(AppError::Forbidden(why))) => Some(why),
        _ => None,
    };
    let is_first = shown.is_none();
    let shown =
        shown.unwrap_or_else(|| Shown { form: forms::filled(&role.facts, Some(role.version)), ..Shown::default() });
    let (mut form, wanted) = (shown.form, shown.wanted);
    if shown.notice.is_some() {
        form.set("version", &role.version.to_string());
    }
    let now = wanted.as_ref().unwrap_or(&role.facts);
    let (does, cannot) = if is_first || wanted.is_some() {
        in_words(now.powers, now.program_wide)
    } else {
        in_words(forms::ticked(&form), !form.is("sees", "own"))
    };
    let people = exactly(count, "person has it", "people have it");
    let lead = match base {
        Some(_) => format!("Copied from {}. {people}.", role.facts.copied_from),
        None => format!("{people}."),
    };
    let change = |who: &Holder| {
        wanted.as_ref().map(|wanted| difference(&role.facts, wanted, who.is_hosting)).unwrap_or_default()
    };
    let may_remove = may::<DeleteRole>(actor) && locked.is_none();
    let can_remove = may_remove && count == 0 && invited == 0;
    let kept = if may_remove && !can_remove { kept(count, invited) } else { String::new() };
    Ok(RolePage {
        title: role.facts.name.clone(),
        lead,
        action: format!("/roles/{id}"),
        address: format!("/roles/{id}"),
        can_remove,
        kept,
        notice: shown.notice,
        agreed: shown.agreed,
        lines: lines(&form, actor, base.as_ref()),
        base: base.map(|_| role.facts.copied_from.clone()).unwrap_or_default(),
        does,
        cannot,
        sees_people: may::<ReadUsers>(actor),
        holders: holders.into_iter().map(|who| HolderRow { change: change(&who), who }).collect(),
        is_new: false,
        locked,
        form,
    })
}

/// Why a role cannot be removed now.
fn kept(people: i64, invited: i64) -> String {
    let held = exactly(people, "person has it", "people have it");
    let asked = exactly(invited, "person is invited to it", "people are invited to it");
    let why = match (people, invited) {
        (_, 0) => held,
        (0, _) => asked,
        _ => format!("{held}, and {asked}"),
    };
    format!("It can be removed once nobody has it: {why}.")
}

/// `GET /roles/{id}`
///
/// # Errors
/// As every page; [`AppError::NotFound`] for a role of another program.
pub async fn show(grant: Grant<ReadRoles>, app: Data<App>, id: Path<RoleId>, req: HttpRequest) -> PageResult {
    let id = id.into_inner();
    let body = app.db.read(&grant, move |tx| page(tx, id, None)).await?;
    Ok(Page::new(body.title.clone(), Nav::Users, body).answer(&req))
}

/// `POST /roles/{id}`: what an edit gives to people and takes from them is shown first, and saved when it is sent
/// again.
///
/// # Errors
/// As every page; [`AppError::Forbidden`] for a role that holds more than one's own.
pub async fn update(
    grant: Grant<UpdateRole>,
    app: Data<App>,
    id: Path<RoleId>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (id, seen) = (id.into_inner(), form.version()?);
    let role = app.db.read(&grant, move |tx| store::find(tx, id)).await?;
    respect(grant.actor(), &role)?;
    let (shown, status) = match forms::role(&form, &role.facts.copied_from) {
        Err(form) => (Shown { form, ..Shown::default() }, StatusCode::UNPROCESSABLE_ENTITY),
        Ok(typed) => {
            let (wanted, agreed) = (typed.facts.clone(), form.value("agreed").to_owned());
            match app.db.write(&grant, move |tx| updated(tx, id, seen, &wanted, &agreed)).await {
                Ok(Saved::Done) => {
                    leave_flash(&req, "good", &said("is saved", &typed));
                    return Ok(see_other(&format!("/roles/{id}")));
                }
                Ok(Saved::Nothing) => {
                    leave_flash(&req, "info", "Nothing was different, so nothing was saved.");
                    return Ok(see_other(&format!("/roles/{id}")));
                }
                Ok(Saved::Asks(people)) => {
                    let text = format!(
                        "This changes what {} may do; beside their names you see how. Save again to do it.",
                        exactly(people, "person", "people")
                    );
                    let agreed = token(&typed.facts);
                    let wanted = Some(typed.facts);
                    (Shown { form, notice: Some(text), agreed, wanted }, StatusCode::UNPROCESSABLE_ENTITY)
                }
                Err(AppError::Invalid(errors)) => {
                    (Shown { form: form.with_errors(errors), ..Shown::default() }, StatusCode::UNPROCESSABLE_ENTITY)
                }
                Err(AppError::Conflict(text)) => {
                    (Shown { form, notice: Some(text), ..Shown::default() }, StatusCode::CONFLICT)
                }
                Err(error) => return Err(error),
            }
        }
    };
    let body = app.db.read(&grant, move |tx| page(tx, id, Some(shown))).await?;
    Ok(Page::new(body.title.clone(), Nav::Users, body).status(status).answer(&req))
}

/// How saving went.
enum Saved {
    /// It is stored.
    Done,
    /// Nothing was different.
    Nothing,
    /// So many people gain or lose something that whoever saves has not seen yet.
    Asks(i64),
}

/// What an edit amounts to: whoever agreed to one has not agreed to another.
fn token(facts: &Facts) -> String {
    let sees = if facts.program_wide { "all" } else { "own" };
    let factor = if facts.second_factor { "factor" } else { "none" };
    format!("{sees} {factor} {}", facts.powers.keys().join(" "))
}

/// The use case: a role is changed.
fn updated(
    tx: &mut WriteTx<'_, UpdateRole>,
    id: RoleId,
    seen: i32,
    wanted: &Facts,
    agreed: &str,
) -> Result<Change<Saved>, AppError> {
    let role = store::hold(tx, id)?;
    respect(tx.actor(), &role)?;
    within(tx.actor(), wanted)?;
    not_built_in(&wanted.name)?;
    if role.version != seen {
        return Err(stale(&role));
    }
    let changes = role.facts.changes(wanted);
    if changes.is_empty() {
        return Ok(Change::nothing(Saved::Nothing));
    }
    let holders = store::holders(tx, &role)?;
    let touched = holders.iter().filter(|who| !difference(&role.facts, wanted, who.is_hosting).is_empty()).count();
    if touched > 0 && agreed != token(wanted) {
        return Ok(Change::nothing(Saved::Asks(touched as i64)));
    }
    if !store::save(tx, id, seen, wanted)? {
        return Err(stale(&role));
    }
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    Ok(Change::new(Saved::Done, Event::RoleUpdated { program, name: wanted.name.clone(), changes }))
}

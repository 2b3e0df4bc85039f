//! Making and editing a partner.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::forms;
use super::logo;
use super::model::{Category, Facts, Kind, Partner, Status};
use super::store::{self, Crew};
use super::views::{Audience, FormPage, Tile, may};
use crate::access::session::leave_flash;
use crate::access::*;
use crate::activity::{Event, FieldChange};
use crate::app::App;
use crate::db::ids::UserId;
use crate::db::{Change, ReadTx, WriteTx};
use crate::programs;
use crate::programs::store::PartnerType;
use crate::values::{Choice, Zone};
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::time::When;
use crate::web::upload::Upload;

/// The logo that is refused unread: what is between this and [`logo::LARGEST`] gets a message beside the field.
pub(crate) const LARGEST_BODY: usize = 12 * 1024 * 1024;

/// Refuses what a program with a single organisation has no use for.
pub(super) fn only_coalitions(actor: &Actor) -> Result<(), AppError> {
    if actor.is_single() {
        return Err(AppError::Refused(
            "This program has a single organisation. To take in others, let it grow into a coalition under Settings."
                .into(),
        ));
    }
    Ok(())
}

/// `GET /partners/new`
///
/// # Errors
/// As every page.
pub async fn new(grant: Grant<CreatePartner>, app: Data<App>, req: HttpRequest) -> PageResult {
    only_coalitions(grant.actor())?;
    let body = app
        .db
        .read(&grant, move |tx| {
            let program = programs::store::current(tx)?;
            form_page(tx, forms::blank(&program.time_zone), None, true)
        })
        .await?;
    Ok(Page::new("Create partner", Nav::Partners, body).answer(&req))
}

/// `POST /partners`
///
/// # Errors
/// As every page.
pub async fn create(
    grant: Grant<CreatePartner>,
    app: Data<App>,
    upload: Upload<LARGEST_BODY>,
    req: HttpRequest,
) -> PageResult {
    only_coalitions(grant.actor())?;
    let Upload { form, file } = upload;
    let types = app.db.read(&grant, programs::store::types).await?;
    let (checked, png) = (forms::facts(&form, &types, None), logo::read(&app, grant.actor(), file).await?);
    let refused = match with_logo(&form, checked, png) {
        Ok((facts, png)) => match app.db.write(&grant, move |tx| made(tx, facts, png)).await {
            Ok((address, said)) => {
                leave_flash(&req, "good", &said);
                return Ok(see_other(&address));
            }
            Err(AppError::Invalid(errors)) => form.with_errors(errors),
            Err(other) => return Err(other),
        },
        Err(form) => form,
    };
    let body = app.db.read(&grant, move |tx| form_page(tx, refused, None, true)).await?;
    Ok(Page::new("Create partner", Nav::Partners, body).refused().answer(&req))
}

/// The use case: a partner is made.
///
/// # Errors
/// [`AppError::Invalid`] when its code is taken.
pub fn made(
    tx: &mut WriteTx<'_, CreatePartner>,
    facts: Facts,
    png: Option<Vec<u8>>,
) -> Result<Change<(String, String)>, AppError> {
    let namesakes = store::namesakes(tx, &facts)?;
    let ids = store::insert(tx, std::slice::from_ref(&facts))?;
    let Some(partner) = ids.first().copied() else { return Err(AppError::NotFound) };
    let (name, code) = (facts.name.to_string(), facts.code.to_string());
    if let Some(png) = &png {
        store::save_logo(tx, partner, 1, Some(png))?;
    }
    if facts.status == Status::Active {
        super::announce::active(tx, partner, &name, &code)?;
    }
    let said = match namesakes.as_slice() {
        [] => format!("{name} is created."),
        codes => format!("{name} is created. Another partner has the same name: {}.", codes.join(", ")),
    };
    let change =
        Change::new((super::address(&code), said), Event::PartnerCreated { partner, name: name.clone(), code });
    Ok(if png.is_some() { change.with(Event::PartnerLogoChanged { partner, name }) } else { change })
}

/// `GET /partners/{code}/edit`
///
/// # Errors
/// As every page.
pub async fn edit(
    grant: Grant<UpdatePartnerContacts>,
    app: Data<App>,
    code: Path<String>,
    req: HttpRequest,
) -> PageResult {
    let whole = may::<UpdatePartner>(grant.actor());
    let body = app
        .db
        .read(&grant, move |tx| {
            let partner = store::find(tx, &code)?;
            form_page(tx, forms::filled(&partner), Some(partner), whole)
        })
        .await?;
    let title = body.partner.as_ref().map(|partner| format!("Edit {}", partner.name)).unwrap_or_default();
    Ok(Page::new(title, Nav::Partners, body).answer(&req))
}

/// `POST /partners/{code}/edit`
///
/// # Errors
/// As every page.
pub async fn update(
    grant: Grant<UpdatePartnerContacts>,
    app: Data<App>,
    code: Path<String>,
    upload: Upload<LARGEST_BODY>,
    req: HttpRequest,
) -> PageResult {
    let Upload { form, file } = upload;
    let seen = form.version()?;
    let whole = grant.also::<UpdatePartner>();
    let is_whole = whole.is_some();
    let wanted = code.clone();
    let (partner, types, crew) = app
        .db
        .read(&grant, move |tx| {
            let partner = store::find(tx, &wanted)?;
            let crew = store::crew(tx, &partner)?;
            Ok((partner, programs::store::types(tx)?, crew))
        })
        .await?;
    let png = logo::read(&app, grant.actor(), file).await?;
    let checked = edited(&form, &partner, &types, &crew, is_whole);
    let (refused, status, notice) = match with_logo(&form, checked, png) {
        Err(form) => (form, StatusCode::UNPROCESSABLE_ENTITY, None),
        Ok(((facts, contact), png)) => {
            let edit = Edit { partner: partner.clone(), seen, facts, contact, png, types };
            let saved = match whole {
                Some(grant) => app.db.write(&grant, move |tx| saved(tx, edit)).await,
                None => app.db.write(&grant, move |tx| saved(tx, edit)).await,
            };
            match saved {
                Ok(Saved { address, changed }) => {
                    leave_flash(
                        &req,
                        if changed { "good" } else { "info" },
                        if changed {
                            "Your changes are saved."
                        } else {
                            "Nothing was different, so nothing was saved."
                        },
                    );
                    return Ok(see_other(&address));
                }
                Err(AppError::Invalid(errors)) => (form.with_errors(errors), StatusCode::UNPROCESSABLE_ENTITY, None),
                Err(AppError::Conflict(text)) => (form, StatusCode::CONFLICT, Some(text)),
                Err(other) => return Err(other),
            }
        }
    };
    let mut body = app
        .db
        .read(&grant, move |tx| {
            let partner = store::find(tx, &code)?;
            form_page(tx, refused, Some(partner), is_whole)
        })
        .await?;
    if let (Some(text), Some(partner)) = (notice, body.partner.clone()) {
        body.form.set("version", &partner.version.to_string());
        body.notice = Some(compared(&text, &partner, &body));
    }
    let title = body.partner.as_ref().map(|partner| format!("Edit {}", partner.name)).unwrap_or_default();
    Ok(Page::new(title, Nav::Partners, body).status(status).answer(&req))
}

/// What is stored now where it differs from what was typed; only of fields that this person's form has.
fn compared(text: &str, partner: &Partner, body: &FormPage) -> String {
    const CONTACTS: [(&str, &str); 4] = [
        ("support_phone", "Support phone"),
        ("support_email", "Support e-mail"),
        ("time_zone", "Time zone"),
        ("contact", "Primary contact"),
    ];
    const WHOLE: [(&str, &str); 6] = [
        ("name", "Name"),
        ("code", "Code"),
        ("type", "Type"),
        ("kind", "Kind"),
        ("category", "Category"),
        ("notes", "Notes"),
    ];
    let stored = forms::filled(partner);
    let called = |field: &str, value: &str| match field {
        "type" => {
            body.types.iter().find(|(id, _)| id == value).map_or_else(|| value.to_owned(), |(_, name)| name.clone())
        }
        "contact" => body
            .members
            .iter()
            .find(|(id, _)| id == value)
            .map_or_else(|| "nobody".to_owned(), |(_, name)| name.clone()),
        "kind" => Kind::from_key(value).map_or_else(String::new, |kind| kind.label().to_owned()),
        "category" => Category::from_key(value).map_or_else(String::new, |category| category.label().to_owned()),
        _ => value.to_owned(),
    };
    let fields = CONTACTS.iter().chain(if body.whole { WHOLE.iter() } else { [].iter() });
    let differing: Vec<String> = fields
        .filter(|(field, _)| body.form.pairs().iter().any(|(name, _)| name == field))
        .filter(|(field, _)| body.form.value(field) != stored.value(field))
        .map(|(field, label)| format!("{label} is “{}” now", called(field, stored.value(field))))
        .collect();
    let kept = format!("{text} Your entries are kept below: compare, then save again.");
    if differing.is_empty() { kept } else { format!("{kept} {}.", differing.join("; ")) }
}

type Checked = (Facts, Option<UserId>);

fn edited(form: &Form, partner: &Partner, types: &[PartnerType], crew: &[Crew], whole: bool) -> Result<Checked, Form> {
    let members: Vec<(UserId, String)> = crew.iter().map(|one| (one.user, one.name.clone())).collect();
    let mut check = form.check();
    let contact = check.optional("contact", "Primary contact", |typed| forms::contact(typed, &members));
    let contact = check.done(|| contact.map(Option::flatten));
    // A form without the field says nothing about it.
    let is_asked = !form.values("contact").is_empty();
    let contact = contact.map(|chosen| if is_asked { chosen } else { partner.primary_contact_id });
    let facts = if whole { forms::facts(form, types, Some(partner)) } else { forms::contacts(form, partner) };
    match (facts, contact) {
        (Ok(facts), Ok(contact)) => Ok((facts, contact)),
        (Ok(_), Err(form)) | (Err(form), Ok(_)) => Err(form),
        (Err(form), Err(more)) => Err(form.with_errors(more.errors().to_vec())),
    }
}

/// Joins the errors of a form and of its file.
fn with_logo<T>(
    typed: &Form,
    checked: Result<T, Form>,
    png: Result<Option<Vec<u8>>, FieldError>,
) -> Result<(T, Option<Vec<u8>>), Form> {
    match (checked, png) {
        (Ok(value), Ok(png)) => Ok((value, png)),
        (Ok(_), Err(error)) => Err(typed.clone().with_errors(vec![error])),
        (Err(form), Ok(_)) => Err(form),
        (Err(form), Err(error)) => Err(form.with_errors(vec![error])),
    }
}

/// An edit that passed the form.
pub struct Edit {
    /// As it was read with the form.
    pub partner: Partner,
    /// The version that the person saw.
    pub seen: i32,
    /// What it shall be.
    pub facts: Facts,
    /// Who shall be mailed by default.
    pub contact: Option<UserId>,
    /// A new logo.
    pub png: Option<Vec<u8>>,
    /// The program's types, for their names.
    pub types: Vec<PartnerType>,
}

/// How an edit ended.
pub struct Saved {
    /// Where the partner is now: its code may have changed.
    pub address: String,
    /// Whether anything was different.
    pub changed: bool,
}

/// The use case: a partner is edited. Which columns it may touch is the scope's matter; see [`store::save`].
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the new code is taken.
pub fn saved<P: Permission>(tx: &mut WriteTx<'_, P>, edit: Edit) -> Result<Change<Saved>, AppError> {
    // Held, so that the contact who is chosen is not suspended or removed at the same moment.
    crate::people::store::hold_partner(tx, &edit.partner)?;
    let present = store::find(tx, edit.partner.code.as_str())?;
    let (partner, name) = (present.id, edit.facts.name.to_string());
    let crew = store::crew(tx, &present)?;
    let called = |id: Option<UserId>| {
        crew.iter().find(|one| Some(one.user) == id).map(|one| one.name.clone()).unwrap_or_default()
    };
    let type_name = |id| edit.types.iter().find(|one| one.id == id).map(|one| one.name.clone()).unwrap_or_default();
    let mut changes = present.facts().changes(&edit.facts, type_name);
    if edit.contact != present.primary_contact_id {
        if present.version == edit.seen {
            super::offboard::reachable(tx, &present, edit.contact)?;
        }
        let (before, after) = (called(present.primary_contact_id), called(edit.contact));
        // Two people may have one name: it is a change all the same.
        changes.push(FieldChange { field: "Primary contact".into(), before, after });
    }
    let mut seen = edit.seen;
    store::save(tx, partner, seen, &edit.facts)?;
    seen += 1;
    if edit.contact != present.primary_contact_id {
        store::save_contact(tx, partner, seen, edit.contact)?;
        seen += 1;
    }
    let mut events = Event::of_edit(partner, &name, changes);
    if let Some(png) = &edit.png {
        store::save_logo(tx, partner, seen, Some(png))?;
        events.push(Event::PartnerLogoChanged { partner, name });
    }
    let saved = Saved { address: super::address(edit.facts.code.as_str()), changed: !events.is_empty() };
    Ok(Change::of(saved, events))
}

fn form_page(tx: &mut ReadTx<'_>, form: Form, partner: Option<Partner>, whole: bool) -> Result<FormPage, AppError> {
    let (actor, now) = (tx.actor().clone(), tx.now());
    let types = programs::store::types(tx)?;
    let crew = match &partner {
        Some(partner) => store::crew(tx, partner)?,
        None => Vec::new(),
    };
    let audience = match &partner {
        Some(partner) if whole => Some(audience(tx, partner, &crew)?),
        _ => None,
    };
    let zone = Zone::parse(form.value("time_zone")).map(|zone| zone.tz());
    Ok(FormPage {
        types: types
            .into_iter()
            .map(|one| (if partner.is_some() { one.id.to_string() } else { one.key }, one.name))
            .collect(),
        members: crew.into_iter().map(|one| (one.user.to_string(), one.name)).collect(),
        program: actor.program().map(|program| program.name.clone()).unwrap_or_default(),
        zone_hint: zone
            .map(|zone| now.with_timezone(&zone).format("Dates are shown in it. Now %H:%M there.").to_string())
            .unwrap_or_else(|_| "Dates are shown in it.".into()),
        saved: partner
            .as_ref()
            .map(|partner| (partner.updated_by_name.clone(), When::new(partner.updated_at, now, actor.zone()))),
        tile: partner.as_ref().map(Tile::of),
        can_host: may::<ManageHosting>(&actor),
        notice: None,
        form,
        partner,
        whole,
        audience,
    })
}

/// Who can see a partner, counted by role.
fn audience(tx: &mut ReadTx<'_>, partner: &Partner, crew: &[Crew]) -> Result<Audience, AppError> {
    let hosts: Vec<Crew> = store::hosting_crew(tx)?.into_iter().map(|(_, person)| person).collect();
    let of = |people: &[Crew], role: MemberRole| people.iter().filter(|one| one.role == role).count();
    let own = |role: MemberRole| if partner.is_hosting { 0 } else { of(crew, role) };
    Ok(Audience {
        edit: format!(
            "Hosting admins ({}); its own admins ({}), contacts and logo only",
            of(&hosts, MemberRole::Admin),
            own(MemberRole::Admin)
        ),
        read: format!(
            "Reviewers ({}), CSRs ({}), auditors ({}), its own users ({})",
            of(&hosts, MemberRole::Reviewer),
            of(&hosts, MemberRole::Csr),
            of(&hosts, MemberRole::Auditor) + own(MemberRole::Auditor),
            of(crew, MemberRole::User),
        ),
    })
}

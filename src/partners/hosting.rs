//! The hosting flag (S0-6, S0-13, S0-14): who has it sees everything, so granting it warns, asks and is recorded.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::model::Partner;
use super::store::{self, Crew, Filter, Sort};
use super::views::{ConfirmPage, Host, HostingPage, Tile, may};
use crate::access::session::leave_flash;
use crate::access::{Grant, ManageHosting, MemberRole, Permission, ReadHosting};
use crate::activity::Event;
use crate::app::App;
use crate::db::ids::PartnerId;
use crate::db::{Change, WriteTx};
use crate::programs;
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::listing::Keyset;
use crate::web::listing::exactly;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// Refuses to take the last hosting partner away: nobody could manage the program any more.
///
/// # Errors
/// [`AppError::Refused`].
pub fn keep_one<P: Permission>(tx: &mut WriteTx<'_, P>, leaving: PartnerId) -> Result<(), AppError> {
    if store::lock_hosts(tx)?.iter().any(|host| *host != leaving) {
        return Ok(());
    }
    Err(AppError::Refused("This is the program’s last hosting partner. Make another partner hosting first.".into()))
}

/// `GET /partners/hosting`
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ReadHosting>, app: Data<App>, req: HttpRequest) -> PageResult {
    let can_host = may::<ManageHosting>(grant.actor());
    let body = app
        .db
        .read(&grant, move |tx| {
            let all = Keyset { size: 500, at: None, backward: false };
            let hosts = store::list(tx, &Filter { hosting: true, ..Filter::default() }, Sort::Name, &all)?;
            let crew = store::hosting_crew(tx)?;
            let limit = programs::store::current(tx)?.hosting_limit;
            let hosts = hosts.iter().map(|partner| host(partner, &crew)).collect();
            Ok(HostingPage { hosts, limit, can_host })
        })
        .await?;
    Ok(Page::new("Hosting partners", Nav::Partners, body).answer(&req))
}

fn host(partner: &Partner, crew: &[(PartnerId, Crew)]) -> Host {
    let own = crew.iter().filter(|(id, person)| *id == partner.id && person.role != MemberRole::User);
    Host {
        tile: Tile::of(partner),
        name: partner.name.to_string(),
        code: partner.code.to_string(),
        address: super::address(partner.code.as_str()),
        status: partner.status,
        people: own
            .map(|(_, person)| (person.name.clone(), person.email.clone(), person.role.at(true).name()))
            .collect(),
    }
}

fn page(partner: &Partner, crew: &[Crew], hosts: i64, limit: i32, form: Form) -> ConfirmPage {
    let (code, name) = (partner.code.to_string(), partner.name.to_string());
    let admins = crew.iter().filter(|one| one.role == MemberRole::Admin).count();
    let (whose, they) = match admins {
        1 => ("Its one admin becomes a".to_owned(), ""),
        _ => (format!("Its {admins} admins become"), "s"),
    };
    let (title, lead, effects, button) = if partner.is_hosting {
        (
            format!("Withdraw hosting from {name}?"),
            "It becomes a partner like the others.",
            vec![
                format!("{whose} partner admin{they}: from their next click on they see {name} only."),
                "Its reviewers, CSRs and auditors see its own records only.".into(),
            ],
            "Withdraw hosting",
        )
    } else {
        let mut effects = vec![
            format!(
                "{whose} hosting admin{they} at once: they see and change every partner’s records, and add people."
            ),
            format!(
                "The program has {} now; your limit is {limit}.",
                exactly(hosts, "hosting partner", "hosting partners")
            ),
        ];
        if hosts >= i64::from(limit) {
            effects.push("That is more than your limit. Portico warns, and does not stop you.".into());
        }
        (
            format!("Make {name} a hosting partner?"),
            "Hosting partners own the program and see every partner’s records.",
            effects,
            "Make hosting",
        )
    };
    ConfirmPage {
        crumbs: vec![("/partners".into(), "Partners".into()), (super::address(&code), name)],
        title,
        lead: lead.into(),
        effects,
        skipped: Vec::new(),
        action: super::tab(&code, "hosting"),
        button: button.into(),
        harsh: true,
        cancel: super::address(&code),
        reason: None,
        tick: (!partner.is_hosting).then_some("I understand that it will see everything in this program"),
        hidden: vec![
            ("version".into(), partner.version.to_string()),
            ("hosting".into(), if partner.is_hosting { "no" } else { "yes" }.into()),
        ],
        form,
    }
}

/// `GET /partners/{code}/hosting`
///
/// # Errors
/// As every page.
pub async fn confirm(grant: Grant<ManageHosting>, app: Data<App>, code: Path<String>, req: HttpRequest) -> PageResult {
    let body = asked(&grant, &app, code.into_inner(), Form::default()).await?;
    Ok(Page::new(body.title.clone(), Nav::Partners, body).answer(&req))
}

async fn asked(
    grant: &Grant<ManageHosting>,
    app: &Data<App>,
    code: String,
    form: Form,
) -> Result<ConfirmPage, AppError> {
    app.db
        .read(grant, move |tx| {
            let partner = store::find(tx, &code)?;
            let crew = store::crew(tx, &partner)?;
            let hosts = store::count(tx, &Filter { hosting: true, ..Filter::default() })?;
            let limit = programs::store::current(tx)?.hosting_limit;
            Ok(page(&partner, &crew, hosts, limit, form))
        })
        .await
}

/// `POST /partners/{code}/hosting`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub async fn apply(
    grant: Grant<ManageHosting>,
    app: Data<App>,
    code: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (seen, hosting) = (form.version()?, form.is("hosting", "yes"));
    let code = code.into_inner();
    if hosting && !form.is_ticked("confirmed") {
        let refused = form.with_errors(vec![FieldError::new(
            "confirmed",
            "Confirmation",
            "Tick this first: it is the point of this page.",
        )]);
        let body = asked(&grant, &app, code, refused).await?;
        return Ok(Page::new(body.title.clone(), Nav::Partners, body).refused().answer(&req));
    }
    let back = super::address(&code);
    let name = app.db.write(&grant, move |tx| switched(tx, &code, seen, hosting)).await?;
    let said = if hosting { format!("{name} is a hosting partner now.") } else { format!("{name} no longer hosts.") };
    leave_flash(&req, "good", &said);
    Ok(see_other(&back))
}

/// The use case: the flag is switched.
///
/// # Errors
/// [`AppError::Refused`] when it is the last hosting partner or not active.
pub fn switched(
    tx: &mut WriteTx<'_, ManageHosting>,
    code: &str,
    seen: i32,
    hosting: bool,
) -> Result<Change<String>, AppError> {
    let partner = store::find(tx, code)?;
    let name = partner.name.to_string();
    if partner.is_hosting == hosting {
        return Ok(Change::nothing(name));
    }
    if hosting && !partner.status.can_host() {
        return Err(AppError::Refused(format!("{name} is not active. Activate it first, then make it hosting.")));
    }
    if !hosting {
        keep_one(tx, partner.id)?;
    }
    store::save_hosting(tx, partner.id, seen, hosting)?;
    let event = if hosting {
        Event::HostingGranted { partner: partner.id, name: name.clone() }
    } else {
        Event::HostingWithdrawn { partner: partner.id, name: name.clone() }
    };
    Ok(Change::new(name, event))
}

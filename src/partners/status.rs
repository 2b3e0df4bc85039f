//! Moving a partner through its life, each move confirmed with its effects listed.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::model::{Facts, Move, Partner, Status};
use super::store::{self, Crew};
use super::views::ConfirmPage;
use crate::access::session::leave_flash;
use crate::access::{Grant, ManagePartnerStatus, MemberRole};
use crate::activity::Event;
use crate::app::App;
use crate::db::{Change, WriteTx};
use crate::mail::outbox;
use crate::values::{Choice, paragraphs};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

fn wanted(address: &str) -> Result<Move, AppError> {
    Move::from_address(address).ok_or(AppError::NotFound)
}

/// `GET /partners/{code}/status/{move}`
///
/// # Errors
/// As every page; [`AppError::Refused`] when the partner's status does not allow the move.
pub async fn confirm(
    grant: Grant<ManagePartnerStatus>,
    app: Data<App>,
    path: Path<(String, String)>,
    req: HttpRequest,
) -> PageResult {
    let (code, address) = path.into_inner();
    let wanted = wanted(&address)?;
    if wanted == Move::Offboard {
        return super::offboard::confirm(&grant, &app, code, &req).await;
    }
    let (partner, crew) = app
        .db
        .read(&grant, move |tx| {
            let partner = store::find(tx, &code)?;
            let crew = store::crew(tx, &partner)?;
            Ok((partner, crew))
        })
        .await?;
    partner.status.after(wanted).map_err(AppError::Refused)?;
    let body = page(&partner, &crew, wanted, Form::default());
    Ok(Page::new(body.title.clone(), Nav::Partners, body).answer(&req))
}

fn page(partner: &Partner, crew: &[Crew], wanted: Move, form: Form) -> ConfirmPage {
    let (code, name) = (partner.code.to_string(), partner.name.to_string());
    ConfirmPage {
        crumbs: vec![("/partners".into(), "Partners".into()), (super::address(&code), name.clone())],
        title: format!("{} {name}?", wanted.label()),
        lead: lead(wanted).into(),
        effects: effects(partner, crew, wanted),
        skipped: Vec::new(),
        action: super::tab(&code, &format!("status/{}", wanted.key())),
        button: wanted.label().into(),
        harsh: wanted.is_harsh(),
        cancel: super::address(&code),
        reason: wanted.is_harsh().then_some("Reason"),
        tick: None,
        hidden: vec![("version".into(), partner.version.to_string())],
        form,
    }
}

fn lead(wanted: Move) -> &'static str {
    match wanted {
        Move::Prepare => "The partner is being set up from now on.",
        Move::Activate => "The partner goes live.",
        Move::Suspend => "The partner stops for now. You can reinstate it at any time.",
        Move::Reinstate => "The partner goes on as before.",
        Move::Offboard => "The partner is on its way out. Its people can still act until it is archived.",
        Move::Archive => "The partner leaves the program. Nothing is deleted, and you can restore it.",
        Move::Restore => "The partner comes back as pending; activate it when it is ready.",
    }
}

/// What a move does to people, in sentences.
pub fn effects(partner: &Partner, crew: &[Crew], wanted: Move) -> Vec<String> {
    let people = match crew.len() {
        0 => "It has no users yet, so nobody is touched.".to_owned(),
        count => {
            let who = if count == 1 { "Its one user".to_owned() } else { format!("Its {count} users") };
            match wanted {
                Move::Suspend => format!("{who} can sign in and look, but change nothing, from their next click on."),
                Move::Archive => format!("{who} no longer see it from their next click on."),
                Move::Restore | Move::Reinstate | Move::Activate | Move::Prepare => {
                    format!("{who} can act for it from their next click on.")
                }
                Move::Offboard => format!("{who} keep their access until it is archived."),
            }
        }
    };
    let mut effects = vec![people];
    let admins = crew.iter().filter(|one| one.role == MemberRole::Admin).count();
    match wanted {
        Move::Suspend if partner.is_hosting => {
            effects.push(format!(
                "It is a hosting partner: its {admins} admins lose the whole program until it is active again."
            ));
        }
        Move::Archive if partner.is_hosting => {
            effects.push(format!(
                "It is a hosting partner: its {admins} admins lose the whole program, and it no longer hosts."
            ));
        }
        Move::Activate | Move::Reinstate if partner.is_hosting => {
            effects.push(format!("It is a hosting partner: its {admins} admins see the whole program again."));
        }
        _ => {}
    }
    if wanted == Move::Archive {
        effects.push("Invitations that are still open are revoked: their links are dead.".into());
    }
    if matches!(wanted, Move::Activate) && !partner.code_fixed {
        effects.push(format!("Its code {} is fixed from then on.", partner.code));
    }
    effects.push("Everybody who can see its activity sees that you did this.".into());
    effects
}

/// `POST /partners/{code}/status/{move}`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] when the rules forbid it.
pub async fn apply(
    grant: Grant<ManagePartnerStatus>,
    app: Data<App>,
    path: Path<(String, String)>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let (code, address) = path.into_inner();
    let (wanted, seen) = (wanted(&address)?, form.version()?);
    if wanted == Move::Offboard {
        return super::offboard::apply(&grant, &app, code, form, &req).await;
    }
    let mut check = form.check();
    let reason = check.optional("reason", "Reason", paragraphs);
    let reason = match check.done(|| reason.map(Option::unwrap_or_default)) {
        Ok(reason) => reason,
        Err(form) => {
            let (partner, crew) = app
                .db
                .read(&grant, move |tx| {
                    let partner = store::find(tx, &code)?;
                    let crew = store::crew(tx, &partner)?;
                    Ok((partner, crew))
                })
                .await?;
            let body = page(&partner, &crew, wanted, form);
            return Ok(Page::new(body.title.clone(), Nav::Partners, body).refused().answer(&req));
        }
    };
    let back = super::address(&code);
    let (name, status) = app
        .db
        .write(&grant, move |tx| {
            let partner = store::find(tx, &code)?;
            moved(tx, &partner, seen, wanted, &reason)
        })
        .await?;
    leave_flash(&req, "good", &format!("{name} is {} now.", status.label().to_lowercase()));
    Ok(see_other(&back))
}

/// The use case: a partner is moved.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Refused`] when its status or the program forbids it.
pub fn moved(
    tx: &mut WriteTx<'_, ManagePartnerStatus>,
    partner: &Partner,
    seen: i32,
    wanted: Move,
    reason: &str,
) -> Result<Change<(String, Status)>, AppError> {
    let status = partner.status.after(wanted).map_err(AppError::Refused)?;
    if partner.is_hosting && !status.can_host() {
        super::hosting::keep_one(tx, partner.id)?;
    }
    store::save(tx, partner.id, seen, &Facts { status, ..partner.facts() })?;
    let name = partner.name.to_string();
    let withdrawn = wanted == Move::Archive && partner.is_hosting;
    if withdrawn {
        // Whoever takes it out of the archive shall not make hosts of its people: that is the system administrator's.
        store::save_hosting(tx, partner.id, seen + 1, false)?;
    }
    if wanted == Move::Activate {
        super::announce::active(tx, partner.id, &name, partner.code.as_str())?;
    }
    let event = Event::PartnerMoved {
        partner: partner.id,
        name: name.clone(),
        from: partner.status.label().into(),
        to: status.label().into(),
        reason: reason.to_owned(),
    };
    let withdrawal = withdrawn.then(|| Event::HostingWithdrawn { partner: partner.id, name: name.clone() });
    let mut events = vec![event];
    events.extend(withdrawal);
    if wanted == Move::Archive {
        events.extend(revoked(tx, partner)?);
    }
    Ok(Change::of((name, status), events))
}

/// Nobody joins a partner that is gone.
fn revoked(tx: &mut WriteTx<'_, ManagePartnerStatus>, partner: &Partner) -> Result<Vec<Event>, AppError> {
    let mut events = Vec::new();
    for one in store::revoke_invitations(tx, partner)? {
        outbox::withdraw(tx, one.id, "The partner was archived.")?;
        events.push(Event::InvitationRevoked { partner: partner.id, invitation: one.id, name: one.name });
    }
    Ok(events)
}

//! What an administrator does for a member who cannot get in: send a link to choose a password, and switch a lost
//! second factor off. Neither tells the administrator a secret, and neither lets them in.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::members::{respect_powers, respect_system};
use super::store::{self, Account, Member};
use super::{resets, second_factor, views};
use crate::access::session::{self, leave_flash};
use crate::access::{Actor, Grant, ResetPassword, Role};
use crate::activity::{self, Event};
use crate::app::App;
use crate::db::ids::MembershipId;
use crate::db::{ReadTx, SystemTx};
use crate::partners::handlers::nav;
use crate::partners::model::Partner;
use crate::partners::views::ConfirmPage;
use crate::partners::{self, store::find};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, PageResult};
use crate::web::see_other;

type Address = Path<(String, MembershipId)>;

fn reached(tx: &mut ReadTx<'_>, code: &str, id: MembershipId) -> Result<(Partner, Member), AppError> {
    let partner = find(tx, code)?;
    let member = store::member(tx, partner.id, id)?;
    respect_system(tx.actor(), &member)?;
    respect_powers(tx.actor(), &partner, &member)?;
    Ok((partner, member))
}

async fn found(
    grant: &Grant<ResetPassword>,
    app: &App,
    (code, id): (String, MembershipId),
) -> Result<(Partner, Member), AppError> {
    app.db.read(grant, move |tx| reached(tx, &code, id)).await
}

fn page(partner: &Partner, member: &Member, actor: &Actor, asks: Asks) -> ConfirmPage {
    let code = partner.code.as_str();
    ConfirmPage {
        crumbs: views::crumbs(partner, actor),
        title: asks.title,
        lead: asks.lead,
        effects: asks.effects,
        skipped: Vec::new(),
        action: partners::tab(code, &format!("users/{}/{}", member.id, asks.step)),
        button: asks.button.into(),
        harsh: asks.harsh,
        cancel: partners::tab(code, "users"),
        reason: None,
        tick: None,
        hidden: Vec::new(),
        form: Form::default(),
    }
}

/// What a confirm page of this file says.
struct Asks {
    title: String,
    lead: String,
    effects: Vec<String>,
    step: &'static str,
    button: &'static str,
    harsh: bool,
}

/// `GET /partners/{code}/users/{membership}/reset`
///
/// # Errors
/// As every page; [`AppError::Forbidden`] for system administrators, [`AppError::Refused`] for closed accounts.
pub async fn confirm_reset(grant: Grant<ResetPassword>, app: Data<App>, path: Address, req: HttpRequest) -> PageResult {
    let (partner, member) = found(&grant, &app, path.into_inner()).await?;
    let user = member.user;
    app.db.system("look whether a link is of use", move |tx| resets::can_choose(&store::account(tx, user)?)).await?;
    let minutes = app.config.links.invitation_minutes;
    let asks = Asks {
        title: format!("Send {} a link to choose a password?", member.name),
        lead: format!("It goes to {}, the address they sign in with. You do not see it.", member.email),
        effects: vec![
            format!("It works once, for {}; older links stop working.", in_words(minutes)),
            "Their password stays as it is until they use the link. Then all their sessions end.".into(),
            "A second factor is still asked for when they sign in.".into(),
        ],
        step: "reset",
        button: "Send the link",
        harsh: false,
    };
    let body = page(&partner, &member, grant.actor(), asks);
    Ok(Page::new(body.title.clone(), nav(grant.actor(), "users"), body).answer(&req))
}

/// "2 hours", "90 minutes".
fn in_words(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (1, 0) => "an hour".into(),
        (hours, 0) => format!("{hours} hours"),
        _ => format!("{minutes} minutes"),
    }
}

/// `POST /partners/{code}/users/{membership}/reset`
///
/// # Errors
/// As [`confirm_reset`]; [`AppError::TooMany`] after five in a day.
pub async fn send_reset(grant: Grant<ResetPassword>, app: Data<App>, path: Address, req: HttpRequest) -> PageResult {
    let (code, id) = path.into_inner();
    let (partner, member) = found(&grant, &app, (code.clone(), id)).await?;
    let (actor, minutes) = (grant.actor().clone(), app.config.links.invitation_minutes);
    let account = app
        .db
        .system("send a member a link to choose a password", move |tx| sent(tx, &actor, &partner, &member, minutes))
        .await?;
    leave_flash(&req, "good", &format!("A link to choose a password is on its way to {}.", account.email));
    Ok(see_other(&partners::tab(&code, "users")))
}

fn sent(
    tx: &mut SystemTx<'_>,
    actor: &Actor,
    partner: &Partner,
    member: &Member,
    minutes: i64,
) -> Result<Account, AppError> {
    let about = Some((partner.program_id, partner.id));
    let account = resets::send(tx, member.user, Some(actor.name()), minutes, about)?;
    let event = Event::ResetSent { partner: Some(partner.id), user: member.user, name: account.name.clone() };
    activity::store::record(tx, actor, &event)?;
    Ok(account)
}

/// Whether somebody's second factor may be switched off by another person.
fn can_switch_off(tx: &mut SystemTx<'_>, actor: &Actor, member: &Member) -> Result<(), AppError> {
    if actor.user() == Some(member.user) {
        return Err(AppError::Forbidden(
            "You switch your own second factor off under “Profile and security”, with your password and a code.".into(),
        ));
    }
    let Some(program) = actor.program_id() else { return Err(AppError::NotFound) };
    if actor.role() != Some(Role::SystemAdmin) && store::is_elsewhere_too(tx, member.user, program)? {
        return Err(AppError::Forbidden(format!(
            "The account of {} also opens what is not this program’s. Ask a system administrator to do this.",
            member.name
        )));
    }
    match store::held_account(tx, member.user)?.second_factor_at {
        Some(_) => Ok(()),
        None => {
            Err(AppError::Refused(format!("{} has no second factor, so there is none to switch off.", member.name)))
        }
    }
}

/// `GET /partners/{code}/users/{membership}/second-factor/off`
///
/// # Errors
/// As every page; [`AppError::Forbidden`] for oneself and for system administrators, [`AppError::Refused`] when there
/// is none.
pub async fn confirm_factor_off(
    grant: Grant<ResetPassword>,
    app: Data<App>,
    path: Address,
    req: HttpRequest,
) -> PageResult {
    let (partner, member) = found(&grant, &app, path.into_inner()).await?;
    let (actor, looked) = (grant.actor().clone(), member.clone());
    app.db.system("look at a member's second factor", move |tx| can_switch_off(tx, &actor, &looked)).await?;
    let asks = Asks {
        title: format!("Switch off the second factor of {}?", member.name),
        lead: "For somebody who lost their authenticator app and their recovery codes. Make sure that it is them who asks: call them.".into(),
        effects: vec![
            "They sign in with their password alone, until they set up another app.".into(),
            "All their sessions end, and their recovery codes stop working.".into(),
            format!("A letter to {} tells them who did it.", member.email),
        ],
        step: "second-factor/off",
        button: "Switch off",
        harsh: true,
    };
    let body = page(&partner, &member, grant.actor(), asks);
    Ok(Page::new(body.title.clone(), nav(grant.actor(), "users"), body).answer(&req))
}

/// `POST /partners/{code}/users/{membership}/second-factor/off`
///
/// # Errors
/// As [`confirm_factor_off`].
pub async fn factor_off(grant: Grant<ResetPassword>, app: Data<App>, path: Address, req: HttpRequest) -> PageResult {
    let (code, id) = path.into_inner();
    let (_, member) = found(&grant, &app, (code.clone(), id)).await?;
    let (actor, name) = (grant.actor().clone(), member.name.clone());
    app.db
        .system("switch a member's second factor off", move |tx| {
            can_switch_off(tx, &actor, &member)?;
            let account = store::account(tx, member.user)?;
            taken_away(tx, &actor, &account)
        })
        .await?;
    leave_flash(&req, "good", &format!("The second factor of {name} is switched off, and their sessions have ended."));
    Ok(see_other(&partners::tab(&code, "users")))
}

/// Switches the second factor of somebody else off, ends their sessions, and tells them.
///
/// # Errors
/// When the database does not answer.
pub fn taken_away(tx: &mut SystemTx<'_>, actor: &Actor, account: &Account) -> Result<(), AppError> {
    store::remove_factor(tx, account.id)?;
    session::end_all(tx, account.id, None)?;
    activity::store::record(tx, actor, &Event::SecondFactorReset { user: account.id, name: account.name.clone() })?;
    second_factor::tell(tx, account.id, &format!("switched off by {}", actor.name()))
}

//! Who is invited in the demo, one of each kind, and the letters that have long arrived.

use chrono::TimeDelta;

use super::story::{grant, read};
use super::{Stage, told};
use crate::access::{AddUser, RemoveUser};
use crate::db::ids::{InvitationId, UserId};
use crate::invitations::{add, forms::Adding, handlers, store as invitations};
use crate::mail::delivery;
use crate::mail::transport::Refusal;
use crate::partners::store as partners;
use crate::values::{Email, Name};

/// How long their links live.
const LIFE: TimeDelta = TimeDelta::hours(2);

/// Everybody who waits to join Shinonome, as if it were today.
pub fn invite(stage: &Stage, admin: UserId, host: UserId) -> anyhow::Result<()> {
    stage.ago(TimeDelta::days(3));
    asked(stage, host, ("R. Jørgensen", "r.jorgensen@shinonnome.example", "user"))?;
    bounce(stage)?;
    stage.ago(TimeDelta::days(2));
    let gone = asked(stage, admin, ("Tom Becker", "tom.becker@agency.example", "user"))?;
    deliver(stage)?;
    stage.ago(TimeDelta::hours(47));
    let right = grant::<RemoveUser>(stage, admin)?;
    stage.db.write_now(&right, |tx| handlers::revoked(tx, "SHINONOME", gone, 1)).map_err(told)?;
    stage.ago(TimeDelta::minutes(160));
    asked(stage, admin, ("María del Carmen Peñalver", "m.penalver@shinonome.example", "user"))?;
    deliver(stage)?;
    stage.ago(TimeDelta::minutes(48));
    let sato = asked(stage, admin, ("佐藤 健一", "kenichi.sato@shinonome.example", "user"))?;
    deliver(stage)?;
    stage.ago(TimeDelta::minutes(31));
    stage
        .db
        .system_now("demo: open a link", |tx| match invitations::by_link(tx, sato)? {
            Some((invitation, _)) => invitations::mark_opened(tx, &invitation),
            None => Ok(()),
        })
        .map_err(told)
}

fn asked(stage: &Stage, by: UserId, (name, email, role): (&str, &str, &str)) -> anyhow::Result<InvitationId> {
    let right = grant::<AddUser>(stage, by)?;
    stage
        .db
        .write_now(&right, |tx| {
            let adding =
                Adding { name: read(Name::parse(name))?, email: read(Email::parse(email))?, role: role.into() };
            let change = add::added(tx, "SHINONOME", &adding, LIFE)?;
            let partner = partners::find(tx, "SHINONOME")?;
            let made = invitations::open_for(tx, partner.id, adding.email.as_str())?;
            let id = made.ok_or(crate::web::error::AppError::NotFound)?.id;
            Ok(change.map(|_| id))
        })
        .map_err(told)
}

/// The mail server took every letter that is due.
pub fn deliver(stage: &Stage) -> anyhow::Result<()> {
    let taken = |stage: &Stage| stage.db.system_now("demo: take a letter", delivery::take);
    while let Some(held) = taken(stage).map_err(told)? {
        stage.db.system_now("demo: a letter arrived", |tx| delivery::settle(tx, &held, &Ok(()))).map_err(told)?;
    }
    Ok(())
}

/// The mail server refuses the letter until it is given up.
fn bounce(stage: &Stage) -> anyhow::Result<()> {
    let refusal = Err(Refusal::for_good("There is no such domain: shinonnome.example."));
    if let Some(held) = stage.db.system_now("demo: take a letter", delivery::take).map_err(told)? {
        stage.db.system_now("demo: a letter came back", |tx| delivery::settle(tx, &held, &refusal)).map_err(told)?;
    }
    Ok(())
}

//! What happens in the demo, in order. Each step is a use case, done by the person who would do it, on their day.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::cast::{NORTHSTAR, NORTHSTAR_PEOPLE, Part, Player, SOLSTICE, SOLSTICE_PEOPLE};
use super::{Stage, exchange, installs, integrations, invited, layouts, told};
use crate::access::session::acting_as;
use crate::access::*;
use crate::activity::{self, Event};
use crate::db::ids::{ProgramId, UserId};
use crate::db::{Change, ReadTx, WriteTx};
use crate::file_templates::{edit as templates, exchange as layout_files};
use crate::invitations::{add, forms::Adding};
use crate::partners::edit::{self, Edit};
use crate::partners::model::{Facts, Move, Partner, Status};
use crate::partners::{forms, hosting, status, store as partners};
use crate::people::UserStatus;
use crate::people::store::{self as people, NewAccount};
use crate::programs::model::{Model, NewProgram};
use crate::programs::store as programs;
use crate::values::{Choice, Code, Email, Name, Phone, Zone};
use crate::web::error::AppError;

/// A typed text of the cast, which is valid by the tests.
pub(super) fn read<T>(parsed: Result<T, String>) -> Result<T, AppError> {
    parsed.map_err(AppError::Refused)
}

/// The whole year.
pub fn tell(stage: &Stage, hash: &str) -> anyhow::Result<()> {
    let mut known = HashMap::new();
    stage.at(365, 0);
    let sam = account(stage, &mut known, ("sam.adeyemi@portico.example", "Sam Adeyemi", true), hash)?;
    program(
        stage,
        sam,
        ("SOLSTICE", "Solstice Rewards", "Europe/Lisbon"),
        SOLSTICE,
        SOLSTICE_PEOPLE,
        &mut known,
        hash,
    )?;
    solstice_year(stage, sam, &known)?;
    stage.at(301, 0);
    program(
        stage,
        sam,
        ("NORTHSTAR", "Northstar Perks", "America/Chicago"),
        NORTHSTAR,
        NORTHSTAR_PEOPLE,
        &mut known,
        hash,
    )?;
    let june = person(&known, "june.whitfield@northstar.example");
    stage.at(15, 430);
    moved(stage, june, "SUMMIT", Move::Suspend, "Card data was sent unencrypted; waiting for their fix.")?;
    installs::tenants(stage, &known)?;
    Ok(())
}

pub(super) type Known = HashMap<&'static str, UserId>;

/// Solstice's own events, after its partners are there.
fn solstice_year(stage: &Stage, sam: UserId, known: &Known) -> anyhow::Result<()> {
    let (ana, ben) = (person(known, "ana.ferreira@solstice.example"), person(known, "ben.okafor@solstice.example"));
    exchange::connections(stage, known)?;
    super::offers::tell(stage, known)?;
    stage.at(250, 95);
    host(stage, sam, "SOLSTICE", "LEMAN")?;
    stage.at(140, 200);
    moved(stage, ben, "NORDLYS", Move::Offboard, "The contract ends on 31 December.")?;
    stage.at(90, 310);
    moved(stage, ana, "QUINTA", Move::Archive, "The hotel was sold; no members were affected.")?;
    stage.at(75, 120);
    moved(stage, ben, "TIDEWATER", Move::Archive, "They left the fuel business.")?;
    stage.at(44, 505);
    moved(stage, ana, "HALCYON", Move::Suspend, "Two settlement files are missing.")?;
    stage.at(9, 250);
    edited(stage, person(known, "misaki.tanaka@shinonome.example"), "SHINONOME", |facts| {
        facts.support_phone = Some(read(Phone::parse("+81 3 5550 0199"))?);
        Ok(())
    })?;
    super::campaigns::tell(stage, known)?;
    stage.at(4, 130);
    moved(stage, ana, "ATHENA", Move::Suspend, "The support line was not answered for a week.")?;
    stage.at(2, 365);
    edited(stage, person(known, "siobhan.nibhriain@kestrel.example"), "KESTREL", |facts| {
        facts.support_email = Some(read(Email::parse("operations@kestrel.example"))?);
        Ok(())
    })?;
    stage.at(1, 480);
    edited(stage, ben, "OEUSF", |facts| {
        facts.notes =
            "Their season ends in October.\nAsk for the winter timetable before new offers are planned.".into();
        Ok(())
    })?;
    for (email, days_ago, file) in layouts::OWN {
        stage.at(*days_ago, 77);
        template(stage, person(known, email), "", file)?;
    }
    for (days_ago, file) in layouts::FOR_EACH {
        stage.at(*days_ago, 145);
        for part in SOLSTICE.iter().filter(|part| part.status == Status::Active) {
            template(stage, ana, part.code, file)?;
        }
    }
    integrations::tell(stage, known)?;
    super::answers::tell(stage, known)?;
    super::reviews::before_rules(stage, known)?;
    super::rules::tell(stage, known)?;
    super::reviews::after_rules(stage, known)?;
    disable(stage, "sakura.suzuki@shinonome.example", known, 60)?;
    visits(stage, known)?;
    invited::invite(stage, person(known, "misaki.tanaka@shinonome.example"), ana)?;
    stage.at(0, 30);
    edited(stage, ana, "SOLSTICE", |facts| {
        facts.notes = "The hosting partner. Ana and Ben share the on-call phone.".into();
        Ok(())
    })
}

/// Everybody who can sign in was here in the last three weeks, but for a few who never were.
fn visits(stage: &Stage, known: &Known) -> anyhow::Result<()> {
    for (order, player) in (0i64..).zip(SOLSTICE_PEOPLE) {
        if order % 7 != 5 && player.email != "sakura.suzuki@shinonome.example" {
            stage.at(order * 5 % 21, 60 + order * 11);
            actor(stage, person(known, player.email), None)?;
        }
    }
    Ok(())
}

pub(super) fn person(known: &Known, email: &str) -> UserId {
    known.get(email).copied().unwrap_or_else(UserId::new)
}

fn actor(stage: &Stage, user: UserId, program: Option<ProgramId>) -> anyhow::Result<Actor> {
    stage.db.system_now("demo: act as a person", |tx| acting_as(tx, user, program)).map_err(told)
}

/// A grant of a person, for the program they are in.
pub(super) fn grant<P: Permission>(stage: &Stage, user: UserId) -> anyhow::Result<Grant<P>> {
    Grant::check(actor(stage, user, None)?).map_err(told)
}

/// A grant of the system administrator in one program.
fn in_program<P: Permission>(stage: &Stage, sam: UserId, code: &str) -> anyhow::Result<Grant<P>> {
    let list = grant::<ListPrograms>(stage, sam)?;
    let program = stage.db.read_now(&list, |tx| programs::by_code(tx, code)).map_err(told)?;
    Grant::check(actor(stage, sam, Some(program.id))?).map_err(told)
}

fn account(
    stage: &Stage,
    known: &mut Known,
    (email, name, is_system): (&'static str, &str, bool),
    hash: &str,
) -> anyhow::Result<UserId> {
    if let Some(user) = known.get(email) {
        return Ok(*user);
    }
    let user = stage
        .db
        .system_now("demo: make an account", |tx| {
            let new = NewAccount {
                email: read(Email::parse(email))?,
                name: read(Name::parse(name))?,
                password_hash: hash.to_owned(),
                is_system,
            };
            let user = people::create(tx, &new)?.ok_or_else(|| AppError::Refused(format!("{email} is taken")))?;
            let event = Event::UserCreated { user, name: name.to_owned(), email: email.to_owned() };
            activity::store::record(tx, &Actor::operator(None), &event)?;
            Ok(user)
        })
        .map_err(told)?;
    known.insert(email, user);
    Ok(user)
}

/// A program with its partners and people: the first partner is made hosting before anybody else comes.
fn program(
    stage: &Stage,
    sam: UserId,
    (code, name, zone): (&str, &str, &str),
    parts: &[Part],
    players: &'static [Player],
    known: &mut Known,
    hash: &str,
) -> anyhow::Result<()> {
    let new = NewProgram {
        name: read(Name::parse(name))?,
        code: read(Code::parse(code))?,
        model: Model::Coalition,
        zone: read(Zone::parse(zone))?,
    };
    let made = grant::<CreateProgram>(stage, sam)?;
    stage.db.write_now(&made, |tx| programs::create(tx, &new)).map_err(told)?;
    let mut host_admin = None;
    for part in parts {
        stage.at(part.days_ago, 40);
        match host_admin {
            None => create(stage, &in_program(stage, sam, code)?, part)?,
            Some(admin) => create(stage, &grant(stage, admin)?, part)?,
        }
        if part.code == code {
            stage.at(part.days_ago, 55);
            host(stage, sam, code, code)?;
        }
        for (order, player) in (0i64..).zip(players.iter().filter(|player| player.partner == part.code)) {
            stage.at(part.days_ago - order.min(1), 90 + 35 * order);
            let user = account(stage, known, (player.email, player.name, false), hash)?;
            join(stage, sam, code, player)?;
            host_admin = host_admin.or(Some(user));
        }
        settle(stage, host_admin, part, known)?;
    }
    Ok(())
}

fn create(stage: &Stage, grant: &Grant<CreatePartner>, part: &Part) -> anyhow::Result<()> {
    let facts = |tx: &mut ReadTx<'_>| -> Result<Facts, AppError> {
        let types = programs::types(tx)?;
        let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok(Facts {
            code: read(Code::parse(part.code))?,
            name: read(Name::parse(part.name))?,
            kind: part.kind,
            category: part.category,
            type_id: read(forms::partner_type(part.type_key, &types))?,
            status: if part.status == Status::Planned { Status::Planned } else { Status::Pending },
            time_zone: read(Zone::parse(part.zone))?,
            support_phone: optional(part.phone).map(|phone| read(Phone::parse(&phone))).transpose()?,
            support_email: optional(part.email).map(|email| read(Email::parse(&email))).transpose()?,
            notes: String::new(),
        })
    };
    stage
        .db
        .write_now(grant, |tx| {
            let facts = facts(tx)?;
            edit::made(tx, facts, None)
        })
        .map_err(told)
        .map(drop)
}

/// A new partner's next days: its first admin becomes primary contact, and a host activates it.
fn settle(stage: &Stage, host: Option<UserId>, part: &Part, known: &Known) -> anyhow::Result<()> {
    let Some(host) = host.filter(|_| part.status != Status::Planned) else { return Ok(()) };
    let first = SOLSTICE_PEOPLE
        .iter()
        .chain(NORTHSTAR_PEOPLE)
        .find(|player| player.partner == part.code && player.role == MemberRole::Admin);
    if let Some(contact) = first.map(|player| person(known, player.email)) {
        stage.at(part.days_ago - 1, 200);
        let grant = grant::<UpdatePartner>(stage, host)?;
        stage.db.write_now(&grant, |tx| contact_chosen(tx, part.code, contact)).map_err(told)?;
    }
    if part.status != Status::Pending && part.code != "SOLSTICE" && part.code != "NORTHSTAR" {
        stage.at(part.days_ago - 2, 15);
        moved(stage, host, part.code, Move::Activate, "")?;
    }
    Ok(())
}

fn contact_chosen(tx: &mut WriteTx<'_, UpdatePartner>, code: &str, contact: UserId) -> Result<Change<()>, AppError> {
    let partner = partners::find(tx, code)?;
    if !partners::crew(tx, &partner)?.iter().any(|one| one.user == contact) {
        return Ok(Change::nothing(()));
    }
    let types = programs::types(tx)?;
    let (seen, facts) = (partner.version, partner.facts());
    edit::saved(tx, Edit { partner, seen, facts, contact: Some(contact), png: None, types })
        .map(|change| change.map(drop))
}

fn edited(
    stage: &Stage,
    by: UserId,
    code: &str,
    change: impl FnOnce(&mut Facts) -> Result<(), AppError>,
) -> anyhow::Result<()> {
    let grant = grant::<UpdatePartnerContacts>(stage, by)?;
    stage
        .db
        .write_now(&grant, |tx| {
            let partner = partners::find(tx, code)?;
            let (types, mut facts) = (programs::types(tx)?, partner.facts());
            change(&mut facts)?;
            let (seen, contact) = (partner.version, partner.primary_contact_id);
            edit::saved(tx, Edit { partner, seen, facts, contact, png: None, types })
        })
        .map_err(told)
        .map(drop)
}

fn moved(stage: &Stage, by: UserId, code: &str, wanted: Move, reason: &str) -> anyhow::Result<()> {
    let grant = grant::<ManagePartnerStatus>(stage, by)?;
    stage
        .db
        .write_now(&grant, |tx| {
            let partner: Partner = partners::find(tx, code)?;
            status::moved(tx, &partner, partner.version, wanted, reason)
        })
        .map_err(told)
        .map(drop)
}

fn template(stage: &Stage, by: UserId, code: &str, file: &str) -> anyhow::Result<()> {
    let facts = layout_files::read(file.as_bytes(), "").map_err(|wrong| anyhow::anyhow!("{wrong:?}"))?;
    let grant = grant::<CreateTemplate>(stage, by)?;
    stage.db.write_now(&grant, |tx| templates::created(tx, code, &facts)).map_err(told).map(drop)
}

/// The system administrator makes a partner hosting; it has to be active first.
fn host(stage: &Stage, sam: UserId, program: &str, code: &str) -> anyhow::Result<()> {
    let activate = in_program::<ManagePartnerStatus>(stage, sam, program)?;
    stage
        .db
        .write_now(&activate, |tx| {
            let partner = partners::find(tx, code)?;
            if partner.status == Status::Active {
                return Ok(Change::nothing(()));
            }
            status::moved(tx, &partner, partner.version, Move::Activate, "").map(|change| change.map(drop))
        })
        .map_err(told)?;
    let grant = in_program::<ManageHosting>(stage, sam, program)?;
    stage
        .db
        .write_now(&grant, |tx| {
            let seen = partners::find(tx, code)?.version;
            hosting::switched(tx, code, seen, true)
        })
        .map_err(told)
        .map(drop)
}

fn disable(stage: &Stage, email: &str, known: &Known, days_ago: i64) -> anyhow::Result<()> {
    stage.at(days_ago, 20);
    let user = person(known, email);
    stage
        .db
        .system_now("demo: close an account", |tx| {
            let name = people::account(tx, user)?.name;
            people::set_status(tx, user, UserStatus::Deactivated)?;
            activity::store::record(tx, &Actor::operator(None), &Event::UserDisabled { user, name })
        })
        .map_err(told)
}

fn join(stage: &Stage, sam: UserId, program: &str, player: &Player) -> anyhow::Result<()> {
    let grant = in_program::<AddUser>(stage, sam, program)?;
    stage
        .db
        .write_now(&grant, |tx| {
            let adding = Adding {
                name: read(Name::parse(player.name))?,
                email: read(Email::parse(player.email))?,
                role: player.role.key().into(),
            };
            add::added(tx, player.partner, &adding, TimeDelta::hours(2))
        })
        .map_err(told)?;
    invited::deliver(stage)
}

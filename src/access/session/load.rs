//! Loading a session: one statement asks whether it and its user still live, and reads the memberships.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::auto_type;
use diesel::prelude::*;

use super::badges::{self, Badges, Lately};
use super::store::State;
use super::{Lifetimes, MembershipChoice, SIGNED_IN, SignedIn, view};
use crate::access::actor::{Actor, MemberRole, Place, Role, Scope, Standing};
use crate::access::permission::Powers;
use crate::db::SystemTx;
use crate::db::ids::{MembershipId, PartnerId, ProgramId, SessionId, UserId};
use crate::db::schema::{memberships, partners, programs, roles, sessions, users};
use crate::values::Theme;
use crate::web::error::AppError;

/// The session itself.
#[derive(Queryable)]
struct Opened {
    id: SessionId,
    membership: Option<MembershipId>,
    program: Option<ProgramId>,
    state: serde_json::Value,
    last_seen: DateTime<Utc>,
    view: Option<MembershipId>,
    view_until: Option<DateTime<Utc>>,
    view_reason: Option<String>,
}

/// Whose account it is.
#[derive(Queryable)]
struct Person {
    user: UserId,
    name: String,
    email: String,
    is_system: bool,
    zone: Option<String>,
    theme: Theme,
    single_keys: bool,
    second_factor_at: Option<DateTime<Utc>>,
}

/// The columns of [`Person`].
#[auto_type]
fn person_columns() -> _ {
    (
        users::id,
        users::name,
        users::email,
        users::is_system,
        users::time_zone,
        users::theme,
        users::single_keys,
        users::second_factor_at,
    )
}

/// The memberships that somebody may act with.
#[auto_type]
fn may_act() -> _ {
    memberships::suspended_at.is_null().and(partners::status.ne("archived"))
}

/// A role that the program made.
#[derive(Queryable, Clone)]
struct Custom {
    name: String,
    program_wide: bool,
    permissions: serde_json::Value,
    second_factor: bool,
}

#[derive(Queryable, Clone)]
struct Joined {
    id: MembershipId,
    role: MemberRole,
    partner: PartnerId,
    partner_code: String,
    partner_name: String,
    partner_status: String,
    is_hosting: bool,
    partner_zone: String,
    program: ProgramId,
    program_code: String,
    program_name: String,
    model: String,
    second_factor_roles: serde_json::Value,
    tiers: bool,
    custom: Option<Custom>,
}

/// The columns of [`Joined`].
macro_rules! joined_columns {
    () => {
        (
            memberships::id,
            memberships::role,
            partners::id,
            partners::code,
            partners::name,
            partners::status,
            partners::is_hosting,
            partners::time_zone,
            programs::id,
            programs::code,
            programs::name,
            programs::model,
            programs::second_factor_roles,
            programs::tiers_enabled,
            (roles::name, roles::program_wide, roles::permissions, roles::second_factor).nullable(),
        )
    };
}

/// What loading needs besides the token.
#[derive(Clone)]
pub(super) struct Ground {
    pub lifetimes: Lifetimes,
    pub lately: Lately,
    /// [`crate::db::Db::written`] before the transaction.
    pub written: u64,
}

pub(super) fn load(tx: &mut SystemTx<'_>, hash: &[u8], ground: &Ground) -> Result<Option<State>, AppError> {
    let lifetimes = ground.lifetimes;
    let now = tx.now();
    let rows: Vec<((Opened, Person), Option<Joined>)> = sessions::table
        .inner_join(users::table)
        .left_join(
            memberships::table
                .inner_join(partners::table.on(partners::id.eq(memberships::partner_id)))
                .inner_join(programs::table.on(programs::id.eq(memberships::program_id)))
                .left_join(roles::table.on(roles::id.nullable().eq(memberships::role_id)))
                .on(memberships::user_id.eq(sessions::user_id).and(may_act())),
        )
        .filter(sessions::token_hash.eq(hash))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::auth_version.eq(users::auth_version))
        .filter(users::status.eq("active"))
        .filter(sessions::last_seen_at.gt(now - TimeDelta::minutes(lifetimes.idle_minutes)))
        .filter(sessions::created_at.gt(now - TimeDelta::hours(lifetimes.absolute_hours)))
        .order((memberships::created_at, memberships::id))
        .select((
            (
                (
                    sessions::id,
                    sessions::membership_id,
                    sessions::program_id,
                    sessions::state,
                    sessions::last_seen_at,
                    sessions::view_membership_id,
                    sessions::view_until,
                    sessions::view_reason,
                ),
                person_columns(),
            ),
            joined_columns!().nullable(),
        ))
        .load(tx.conn())?;
    let mut joined = Vec::new();
    let mut found = None;
    for (one, membership) in rows {
        joined.extend(membership);
        found.get_or_insert(one);
    }
    let Some((session, person)) = found else { return Ok(None) };
    if now - session.last_seen >= TimeDelta::seconds(60) {
        tx.together(|tx| touch(tx, &session, &person))?;
    }
    let mut signed_in = signed_in_as(tx, &session, &person, &joined, ground)?;
    if let Some(until) = session.view_until {
        let asked = view::Asked { membership: session.view, until, reason: session.view_reason.unwrap_or_default() };
        signed_in = view::seen_through(tx, signed_in, asked, ground)?;
    }
    let mut state: State = serde_json::from_value(session.state).unwrap_or_default();
    state
        .insert(SIGNED_IN.into(), serde_json::to_string(&signed_in).map_err(|cause| AppError::Internal(cause.into()))?);
    Ok(Some(state))
}

/// Notes that the person was here; at most once a minute.
fn touch(tx: &mut SystemTx<'_>, session: &Opened, person: &Person) -> Result<(), AppError> {
    let now = tx.now();
    diesel::update(sessions::table.find(session.id)).set(sessions::last_seen_at.eq(now)).execute(tx.conn())?;
    diesel::update(users::table.find(person.user)).set(users::last_seen_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

fn signed_in_as(
    tx: &mut SystemTx<'_>,
    session: &Opened,
    person: &Person,
    joined: &[Joined],
    ground: &Ground,
) -> Result<SignedIn, AppError> {
    let chosen = joined.iter().find(|one| Some(one.id) == session.membership).or_else(|| joined.first());
    let mut actor = match chosen {
        // A system administrator acts as one, also where they happen to be a member.
        Some(membership) if !person.is_system => member(person, membership),
        _ => unattached(person),
    };
    actor.session = Some(session.id);
    if person.is_system {
        open_program(tx, session.program, person, &mut actor)?;
        if ground.lifetimes.system_second_factor && person.second_factor_at.is_none() {
            actor.standing = Standing::NeedsSecondFactor;
        }
    }
    let Badges { partners, failed_letters, waiting } = badges::load(tx, &actor, &ground.lately, ground.written)?;
    Ok(SignedIn {
        memberships: joined.iter().map(choice).collect(),
        theme: person.theme,
        single_keys: person.single_keys,
        partners,
        failed_letters,
        unread: badges::unread(tx, person.user, &ground.lately, ground.written)?,
        waiting,
        actor,
        viewer: None,
    })
}

/// Somebody as one membership lets them act now, by the very rules of a session; none when it lets them do nothing:
/// the account is not active, the membership is suspended or gone, or the partner is archived. System administrators
/// do not act as members.
///
/// # Errors
/// When the database does not answer.
pub fn as_member(tx: &mut SystemTx<'_>, membership: MembershipId) -> Result<Option<Actor>, AppError> {
    let found: Option<(Person, Joined)> = memberships::table
        .inner_join(users::table)
        .inner_join(partners::table.on(partners::id.eq(memberships::partner_id)))
        .inner_join(programs::table.on(programs::id.eq(memberships::program_id)))
        .left_join(roles::table.on(roles::id.nullable().eq(memberships::role_id)))
        .filter(memberships::id.eq(membership).and(may_act()))
        .filter(users::status.eq("active").and(users::is_system.eq(false)))
        .select((person_columns(), joined_columns!()))
        .first(tx.conn())
        .optional()?;
    Ok(found.map(|(person, joined)| member(&person, &joined)))
}

/// The same for a membership of one's own: then one's request goes on with it.
///
/// # Errors
/// [`AppError::NotFound`] when it is not one's own, or lets one do nothing.
pub fn acting_with(tx: &mut SystemTx<'_>, own: &Actor, membership: MembershipId) -> Result<Actor, AppError> {
    let actor = as_member(tx, membership)?.filter(|actor| actor.user == own.user && own.viewer.is_none());
    let actor = actor.ok_or(AppError::NotFound)?;
    let (request_id, address) = (own.request_id.clone(), own.address.clone());
    Ok(Actor { session: own.session, request_id, address, ..actor })
}

fn choice(one: &Joined) -> MembershipChoice {
    MembershipChoice {
        id: one.id,
        partner: one.partner_name.clone(),
        program: one.program_name.clone(),
        role: one.role_name(),
    }
}

impl Joined {
    /// Whether the partner hosts now: one that is suspended, or was restored from the archive and is not active yet,
    /// has the flag and gives nobody rights over the program.
    fn carries_program(&self) -> bool {
        self.is_hosting && matches!(self.partner_status.as_str(), "active" | "offboarding")
    }

    fn role_name(&self) -> String {
        match &self.custom {
            Some(custom) => custom.name.clone(),
            None => self.role.at(self.carries_program()).name().to_owned(),
        }
    }

    /// Whether the person sees the whole program; and what they may do there.
    fn reach(&self) -> (bool, Powers) {
        let (wide, powers) = match &self.custom {
            Some(custom) => (custom.program_wide, Powers::of_keys(&texts(&custom.permissions))),
            None => {
                let role = self.role.at(self.carries_program());
                (role != Role::PartnerUser, Powers::of(role))
            }
        };
        let wide = wide && self.carries_program();
        (wide, if wide { powers } else { powers.at_one_partner() })
    }

    fn asks_for_second_factor(&self) -> bool {
        match &self.custom {
            Some(custom) => custom.second_factor,
            None => texts(&self.second_factor_roles)
                .iter()
                .any(|key| Role::from_key(key) == Some(self.role.at(self.carries_program()))),
        }
    }

    fn standing(&self, person: &Person) -> Standing {
        if self.asks_for_second_factor() && person.second_factor_at.is_none() {
            return Standing::NeedsSecondFactor;
        }
        if self.partner_status == "suspended" { Standing::ReadOnly } else { Standing::Full }
    }
}

/// A list of texts in JSON; anything else is none.
fn texts(json: &serde_json::Value) -> Vec<String> {
    serde_json::from_value(json.clone()).unwrap_or_default()
}

fn member(person: &Person, one: &Joined) -> Actor {
    let role = one.role.at(one.carries_program());
    let (program_wide, powers) = one.reach();
    let scope = if program_wide {
        Scope::Program(one.program)
    } else {
        Scope::Partner { program: one.program, partner: one.partner }
    };
    Actor {
        role: Some(role),
        role_name: one.role_name(),
        powers,
        membership: Some(one.id),
        scope,
        standing: one.standing(person),
        program: Some(Place { id: one.program, code: one.program_code.clone(), name: one.program_name.clone() }),
        single: one.model == "single",
        tiers: one.tiers,
        partner: Some(Place { id: one.partner, code: one.partner_code.clone(), name: one.partner_name.clone() }),
        zone: zone(person.zone.as_deref(), Some(&one.partner_zone)),
        ..unattached(person)
    }
}

/// Somebody without a membership: their own account is all they can reach.
fn unattached(person: &Person) -> Actor {
    Actor {
        user: Some(person.user),
        session: None,
        membership: None,
        name: person.name.clone(),
        email: person.email.clone(),
        role: person.is_system.then_some(Role::SystemAdmin),
        role_name: if person.is_system { Role::SystemAdmin.name() } else { "No role" }.into(),
        powers: if person.is_system { Powers::of(Role::SystemAdmin) } else { Powers::default() },
        scope: Scope::Everything,
        standing: Standing::Full,
        program: None,
        single: false,
        partner: None,
        zone: zone(person.zone.as_deref(), None),
        viewer: None,
        tiers: false,
        request_id: String::new(),
        address: String::new(),
    }
}

fn zone(own: Option<&str>, partner: Option<&str>) -> chrono_tz::Tz {
    own.or(partner).and_then(|name| name.parse().ok()).unwrap_or(chrono_tz::UTC)
}

/// The program a system administrator has open: the one they chose, else the oldest.
fn open_program(
    tx: &mut SystemTx<'_>,
    wanted: Option<ProgramId>,
    person: &Person,
    actor: &mut Actor,
) -> Result<(), AppError> {
    let chosen: Option<(ProgramId, String, String, String, String, bool)> = programs::table
        .order((programs::id.nullable().is_not_distinct_from(wanted).desc(), programs::created_at, programs::id))
        .select((
            programs::id,
            programs::code,
            programs::name,
            programs::time_zone,
            programs::model,
            programs::tiers_enabled,
        ))
        .first(tx.conn())
        .optional()?;
    if let Some((id, code, name, program_zone, model, tiers)) = chosen {
        actor.tiers = tiers;
        actor.scope = Scope::Program(id);
        actor.single = model == "single";
        actor.program = Some(Place { id, code, name });
        actor.zone = zone(person.zone.as_deref(), Some(&program_zone));
    }
    Ok(())
}

/// Somebody as they could act now: once for each of their memberships; a system administrator with that program open.
/// Nobody, when the account is closed. For questions about rights, not for acting.
///
/// # Errors
/// When the database does not answer.
pub fn actors_of(tx: &mut SystemTx<'_>, user: UserId, program: Place<ProgramId>) -> Result<Vec<Actor>, AppError> {
    let person: Option<Person> = users::table
        .find(user)
        .filter(users::status.eq("active"))
        .select(person_columns())
        .first(tx.conn())
        .optional()?;
    let Some(person) = person else { return Ok(Vec::new()) };
    if person.is_system {
        let scope = Scope::Program(program.id);
        return Ok(vec![Actor { scope, program: Some(program), ..unattached(&person) }]);
    }
    let own: Vec<MembershipId> = memberships::table
        .filter(memberships::user_id.eq(user))
        .order((memberships::created_at, memberships::id))
        .select(memberships::id)
        .load(tx.conn())?;
    own.into_iter().filter_map(|membership| as_member(tx, membership).transpose()).collect()
}

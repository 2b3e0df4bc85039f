//! Sessions: actix-session's middleware over our own table.
//!
//! The rules this file protects: the table holds only hashes of tokens; loading a session is one statement that also
//! asks whether the user is still active and reads their memberships, so a change of rights counts at the next
//! request; an ended session is never written back, whatever a request in flight still has in hand.

use std::collections::HashMap;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_session::{Session, SessionExt};
use actix_web::HttpRequest;
use actix_web::cookie::time::Duration as CookieDuration;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::actor::{Actor, MemberRole, Place, Role, Scope, Standing};
use crate::db::ids::{MembershipId, PartnerId, ProgramId, SessionId, UserId};
use crate::db::schema::{memberships, partners, programs, sessions, users};
use crate::db::{Db, SystemTx};
use crate::values::Theme;
use crate::web::error::AppError;

/// Keys of the session's state that never reach the table.
const SIGNED_IN: &str = "signed_in";
const OUTAGE: &str = "outage";
const NEW: &str = "new";
const ROTATE: &str = "rotate";
/// The key that does: a notice for the next page.
const FLASH: &str = "flash";

/// How long a session lives.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Minutes without a request.
    pub idle_minutes: i64,
    /// Hours since sign-in.
    pub absolute_hours: i64,
}

/// What loading a session found out; lives only in memory.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedIn {
    /// Who acts.
    pub actor: Actor,
    /// All of the person's memberships, for the switcher.
    pub memberships: Vec<MembershipChoice>,
    /// Light, dark, or as the system has it.
    pub theme: Theme,
    /// Whether single-key shortcuts are on.
    pub single_keys: bool,
    /// Partners in scope, for the sidebar; counted to 1,000 at the most.
    pub partners: Option<i64>,
}

/// A membership to switch to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MembershipChoice {
    /// Its id.
    pub id: MembershipId,
    /// The partner's name.
    pub partner: String,
    /// The program's name.
    pub program: String,
    /// The role there.
    pub role: Role,
}

impl MembershipChoice {
    /// Whether the person acts with it now.
    pub fn is_current(&self, actor: &Actor) -> bool {
        actor.membership() == Some(self.id)
    }
}

/// Who just proved who they are; becomes a row when the answer goes out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewSession {
    /// The user.
    pub user: UserId,
    /// `users.auth_version` as it was when the password was compared.
    pub auth_version: i32,
    /// Network address.
    pub address: String,
    /// Browser.
    pub agent: String,
}

/// Starts a session under a new token; whatever session the browser had ends.
///
/// # Errors
/// When the state cannot be written as JSON.
pub fn start(session: &Session, new: &NewSession) -> Result<(), AppError> {
    session.clear();
    session.insert(NEW, new).map_err(|cause| AppError::Internal(cause.into()))?;
    session.renew();
    Ok(())
}

/// Ends the session of this browser.
pub fn end(session: &Session) {
    session.purge();
}

/// Gives the session a new token, in one statement that touches only a live row.
///
/// # Errors
/// When the state cannot be written as JSON.
pub fn rotate(session: &Session) -> Result<(), AppError> {
    session.insert(ROTATE, true).map_err(|cause| AppError::Internal(cause.into()))
}

/// What loading found, when somebody is signed in.
///
/// # Errors
/// When the state cannot be read.
pub fn signed_in(session: &Session) -> Result<Option<SignedIn>, AppError> {
    if session.get::<bool>(OUTAGE).is_ok_and(|outage| outage.is_some()) {
        return Err(AppError::Busy("the session could not be loaded".into()));
    }
    session.get(SIGNED_IN).map_err(|cause| AppError::Internal(cause.into()))
}

/// A notice for the next page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flash {
    /// `good`, `info`, `warn` or `bad`.
    pub tone: String,
    /// One or two sentences.
    pub text: String,
}

/// Leaves a notice for the next page; without a session there is nowhere to leave it.
pub fn leave_flash(req: &HttpRequest, tone: &str, text: &str) {
    let session = req.get_session();
    if matches!(signed_in(&session), Ok(Some(_))) {
        let flash = Flash { tone: tone.into(), text: text.into() };
        if let Err(cause) = session.insert(FLASH, flash) {
            tracing::warn!(%cause, "a notice could not be left");
        }
    }
}

/// Takes the notice away.
pub fn take_flash(req: &HttpRequest) -> Option<Flash> {
    let session = req.get_session();
    let flash = session.get::<Flash>(FLASH).ok().flatten()?;
    session.remove(FLASH);
    Some(flash)
}

/// A new token: 256 bits.
fn new_token() -> String {
    let mut bytes = [0u8; 32];
    rand::rng().fill(&mut bytes[..]);
    BASE64.encode(bytes)
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// The table behind actix-session.
#[derive(Clone)]
pub struct PgSessions {
    db: Db,
    lifetimes: Lifetimes,
}

impl PgSessions {
    /// A store over the portal's database.
    pub fn new(db: Db, lifetimes: Lifetimes) -> Self {
        PgSessions { db, lifetimes }
    }
}

type State = HashMap<String, String>;

/// The middleware would answer a failure with a bare 500 and none of our headers. Without it the worst is that
/// somebody has to sign in again; signing out ends the session before it gets here ([`end_one`]).
fn survived(what: &str, kept: Result<(), AppError>) {
    if let Err(cause) = kept {
        tracing::warn!(%cause, what, "a session could not be written");
    }
}

impl SessionStore for PgSessions {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let (hash, lifetimes) = (hash(key.as_ref()), self.lifetimes);
        let loaded = self.db.system("load a session", move |tx| load(tx, &hash, lifetimes)).await;
        Ok(loaded.unwrap_or_else(|cause| {
            // The outage travels on to whoever asks for the person, and becomes a proper page there.
            tracing::warn!(%cause, "a session could not be loaded");
            Some(State::from([(OUTAGE.to_owned(), "true".to_owned())]))
        }))
    }

    async fn save(&self, state: State, _: &CookieDuration) -> Result<SessionKey, SaveError> {
        let token = new_token();
        let hash = hash(&token);
        let kept = self.db.system("start a session", move |tx| insert(tx, hash, &state)).await;
        survived("start", kept);
        token.try_into().map_err(|_| SaveError::Other(anyhow::anyhow!("the token has a wrong form")))
    }

    async fn update(&self, key: SessionKey, state: State, _: &CookieDuration) -> Result<SessionKey, UpdateError> {
        let old = hash(key.as_ref());
        let token = state.contains_key(ROTATE).then(new_token);
        let new = token.as_deref().map_or_else(|| old.clone(), hash);
        let kept = self
            .db
            .system("update a session", move |tx| {
                // No insert, ever: a session that ended meanwhile stays ended.
                diesel::update(sessions::table.filter(sessions::token_hash.eq(old).and(sessions::ended_at.is_null())))
                    .set((sessions::state.eq(kept(&state)), sessions::token_hash.eq(new)))
                    .execute(tx.conn())?;
                Ok(())
            })
            .await;
        survived("update", kept);
        match token {
            None => Ok(key),
            Some(token) => {
                token.try_into().map_err(|_| UpdateError::Other(anyhow::anyhow!("the token has a wrong form")))
            }
        }
    }

    async fn update_ttl(&self, _: &SessionKey, _: &CookieDuration) -> anyhow::Result<()> {
        Ok(()) // Loading a session does it.
    }

    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        let hash = hash(key.as_ref());
        let kept = self
            .db
            .system("end a session", move |tx| {
                let now = tx.now();
                diesel::update(sessions::table.filter(sessions::token_hash.eq(hash).and(sessions::ended_at.is_null())))
                    .set(sessions::ended_at.eq(now))
                    .execute(tx.conn())?;
                Ok(())
            })
            .await;
        survived("end", kept);
        Ok(())
    }
}

/// The part of the state that is stored.
fn kept(state: &State) -> serde_json::Value {
    let kept = state.iter().filter(|(key, _)| *key == FLASH);
    serde_json::Value::Object(kept.map(|(key, value)| (key.clone(), value.clone().into())).collect())
}

fn insert(tx: &mut SystemTx<'_>, hash: Vec<u8>, state: &State) -> Result<(), AppError> {
    let new: NewSession = state
        .get(NEW)
        .and_then(|text| serde_json::from_str(text).ok())
        .ok_or_else(|| AppError::Internal(anyhow::anyhow!("only sign-in starts a session")))?;
    let now = tx.now();
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(SessionId::new()),
            sessions::token_hash.eq(hash),
            sessions::user_id.eq(new.user),
            sessions::auth_version.eq(new.auth_version),
            sessions::state.eq(kept(state)),
            sessions::address.eq(new.address),
            sessions::agent.eq(new.agent),
            sessions::created_at.eq(now),
            sessions::last_seen_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

#[derive(Queryable)]
struct Person {
    session: SessionId,
    membership: Option<MembershipId>,
    program: Option<ProgramId>,
    state: serde_json::Value,
    last_seen: DateTime<Utc>,
    user: UserId,
    name: String,
    email: String,
    is_system: bool,
    zone: Option<String>,
    theme: Theme,
    single_keys: bool,
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
}

fn load(tx: &mut SystemTx<'_>, hash: &[u8], lifetimes: Lifetimes) -> Result<Option<State>, AppError> {
    let now = tx.now();
    let rows: Vec<(Person, Option<Joined>)> = sessions::table
        .inner_join(users::table)
        .left_join(
            memberships::table
                .inner_join(partners::table.on(partners::id.eq(memberships::partner_id)))
                .inner_join(programs::table.on(programs::id.eq(memberships::program_id)))
                .on(memberships::user_id.eq(sessions::user_id).and(partners::status.ne("archived"))),
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
                sessions::id,
                sessions::membership_id,
                sessions::program_id,
                sessions::state,
                sessions::last_seen_at,
                users::id,
                users::name,
                users::email,
                users::is_system,
                users::time_zone,
                users::theme,
                users::single_keys,
            ),
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
            )
                .nullable(),
        ))
        .load(tx.conn())?;
    let mut joined = Vec::new();
    let mut person = None;
    for (one, membership) in rows {
        joined.extend(membership);
        person.get_or_insert(one);
    }
    let Some(person) = person else { return Ok(None) };
    if now - person.last_seen >= TimeDelta::seconds(60) {
        touch(tx, &person)?;
    }
    let signed_in = signed_in_as(tx, &person, &joined)?;
    let mut state: State = serde_json::from_value(person.state).unwrap_or_default();
    state
        .insert(SIGNED_IN.into(), serde_json::to_string(&signed_in).map_err(|cause| AppError::Internal(cause.into()))?);
    Ok(Some(state))
}

/// Notes that the person was here; at most once a minute.
fn touch(tx: &mut SystemTx<'_>, person: &Person) -> Result<(), AppError> {
    let now = tx.now();
    diesel::update(sessions::table.find(person.session)).set(sessions::last_seen_at.eq(now)).execute(tx.conn())?;
    diesel::update(users::table.find(person.user)).set(users::last_seen_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

fn signed_in_as(tx: &mut SystemTx<'_>, person: &Person, joined: &[Joined]) -> Result<SignedIn, AppError> {
    let chosen = joined.iter().find(|one| Some(one.id) == person.membership).or_else(|| joined.first());
    let mut actor = match chosen {
        // A system administrator acts as one, also where they happen to be a member.
        Some(membership) if !person.is_system => member(person, membership),
        _ => unattached(person),
    };
    if person.is_system {
        open_program(tx, person, &mut actor)?;
    }
    let partners = match actor.scope {
        Scope::Program(program) => Some(count_partners(tx, program)?),
        _ => None,
    };
    Ok(SignedIn {
        memberships: joined.iter().map(choice).collect(),
        theme: person.theme,
        single_keys: person.single_keys,
        partners,
        actor,
    })
}

fn choice(one: &Joined) -> MembershipChoice {
    MembershipChoice {
        id: one.id,
        partner: one.partner_name.clone(),
        program: one.program_name.clone(),
        role: one.role.at(one.is_hosting),
    }
}

fn member(person: &Person, one: &Joined) -> Actor {
    let role = one.role.at(one.is_hosting);
    let program_wide = one.is_hosting && role != Role::PartnerUser;
    let scope = if program_wide {
        Scope::Program(one.program)
    } else {
        Scope::Partner { program: one.program, partner: one.partner }
    };
    Actor {
        role: Some(role),
        membership: Some(one.id),
        scope,
        standing: if one.partner_status == "suspended" { Standing::ReadOnly } else { Standing::Full },
        program: Some(Place { id: one.program, code: one.program_code.clone(), name: one.program_name.clone() }),
        single: one.model == "single",
        partner: Some(Place { id: one.partner, code: one.partner_code.clone(), name: one.partner_name.clone() }),
        zone: zone(person.zone.as_deref(), Some(&one.partner_zone)),
        ..unattached(person)
    }
}

/// Somebody without a membership: their own account is all they can reach.
fn unattached(person: &Person) -> Actor {
    Actor {
        user: Some(person.user),
        session: Some(person.session),
        membership: None,
        name: person.name.clone(),
        email: person.email.clone(),
        role: person.is_system.then_some(Role::SystemAdmin),
        scope: Scope::Everything,
        standing: Standing::Full,
        program: None,
        single: false,
        partner: None,
        zone: zone(person.zone.as_deref(), None),
        request_id: String::new(),
        address: String::new(),
    }
}

fn zone(own: Option<&str>, partner: Option<&str>) -> chrono_tz::Tz {
    own.or(partner).and_then(|name| name.parse().ok()).unwrap_or(chrono_tz::UTC)
}

/// The program a system administrator has open: the one they chose, else the oldest.
fn open_program(tx: &mut SystemTx<'_>, person: &Person, actor: &mut Actor) -> Result<(), AppError> {
    let chosen: Option<(ProgramId, String, String, String, String)> = programs::table
        .order((
            programs::id.nullable().is_not_distinct_from(person.program).desc(),
            programs::created_at,
            programs::id,
        ))
        .select((programs::id, programs::code, programs::name, programs::time_zone, programs::model))
        .first(tx.conn())
        .optional()?;
    if let Some((id, code, name, program_zone, model)) = chosen {
        actor.scope = Scope::Program(id);
        actor.single = model == "single";
        actor.program = Some(Place { id, code, name });
        actor.zone = zone(person.zone.as_deref(), Some(&program_zone));
    }
    Ok(())
}

fn count_partners(tx: &mut SystemTx<'_>, program: ProgramId) -> Result<i64, AppError> {
    let some = partners::table.filter(partners::program_id.eq(program)).select(partners::id).limit(1001);
    Ok(some.load::<PartnerId>(tx.conn())?.len() as i64)
}

/// A session as its owner sees it.
#[derive(Queryable, Clone, Debug)]
pub struct SessionLine {
    /// Its id.
    pub id: SessionId,
    /// Address at sign-in.
    pub address: String,
    /// Browser at sign-in.
    pub agent: String,
    /// Sign-in.
    pub created_at: DateTime<Utc>,
    /// Last request, to the minute.
    pub last_seen_at: DateTime<Utc>,
}

/// The live sessions of a person, latest first.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut SystemTx<'_>, user: UserId, lifetimes: Lifetimes) -> Result<Vec<SessionLine>, AppError> {
    let now = tx.now();
    Ok(sessions::table
        .inner_join(users::table)
        .filter(
            sessions::user_id
                .eq(user)
                .and(sessions::ended_at.is_null())
                .and(sessions::auth_version.eq(users::auth_version)),
        )
        .filter(sessions::last_seen_at.gt(now - TimeDelta::minutes(lifetimes.idle_minutes)))
        .filter(sessions::created_at.gt(now - TimeDelta::hours(lifetimes.absolute_hours)))
        .order((sessions::last_seen_at.desc(), sessions::id))
        .select((sessions::id, sessions::address, sessions::agent, sessions::created_at, sessions::last_seen_at))
        .load(tx.conn())?)
}

/// Ends one session of a person; false when it was not theirs or had ended.
///
/// # Errors
/// When the database does not answer.
pub fn end_one(tx: &mut SystemTx<'_>, user: UserId, session: SessionId) -> Result<bool, AppError> {
    let now = tx.now();
    let ended = diesel::update(
        sessions::table
            .filter(sessions::id.eq(session).and(sessions::user_id.eq(user)).and(sessions::ended_at.is_null())),
    )
    .set(sessions::ended_at.eq(now))
    .execute(tx.conn())?;
    Ok(ended == 1)
}

/// Ends every session of a person but one, also those that are being made at this moment. Returns how many ended.
///
/// # Errors
/// When the database does not answer.
pub fn end_all(tx: &mut SystemTx<'_>, user: UserId, but: Option<SessionId>) -> Result<usize, AppError> {
    let now = tx.now();
    let version: i32 = diesel::update(users::table.find(user))
        .set(users::auth_version.eq(users::auth_version + 1))
        .returning(users::auth_version)
        .get_result(tx.conn())?;
    let live = sessions::table.filter(sessions::user_id.eq(user).and(sessions::ended_at.is_null()));
    if let Some(kept) = but {
        diesel::update(live.filter(sessions::id.eq(kept)))
            .set(sessions::auth_version.eq(version))
            .execute(tx.conn())?;
    }
    Ok(diesel::update(live.filter(sessions::id.nullable().is_distinct_from(but)))
        .set(sessions::ended_at.eq(now))
        .execute(tx.conn())?)
}

/// Acts with another membership of one's own from the next request on; false when it is not one's own.
///
/// # Errors
/// When the database does not answer.
pub fn switch_membership(tx: &mut SystemTx<'_>, actor: &Actor, to: MembershipId) -> Result<bool, AppError> {
    let (Some(user), Some(session)) = (actor.user, actor.session) else { return Ok(false) };
    let own = memberships::table.filter(memberships::id.eq(to).and(memberships::user_id.eq(user)));
    if !diesel::select(diesel::dsl::exists(own)).get_result::<bool>(tx.conn())? {
        return Ok(false);
    }
    diesel::update(sessions::table.find(session)).set(sessions::membership_id.eq(to)).execute(tx.conn())?;
    Ok(true)
}

/// Opens a program for a system administrator from the next request on.
///
/// # Errors
/// When the database does not answer.
pub fn switch_program(tx: &mut SystemTx<'_>, actor: &Actor, to: ProgramId) -> Result<(), AppError> {
    if let Some(session) = actor.session {
        diesel::update(sessions::table.find(session)).set(sessions::program_id.eq(to)).execute(tx.conn())?;
    }
    Ok(())
}

/// Deletes sessions that ended or ran out long ago.
///
/// # Errors
/// When the database does not answer.
pub fn sweep(tx: &mut SystemTx<'_>) -> Result<usize, AppError> {
    let before = tx.now() - TimeDelta::days(30);
    Ok(diesel::delete(sessions::table.filter(sessions::last_seen_at.lt(before))).execute(tx.conn())?)
}

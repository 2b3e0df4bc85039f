//! The table behind actix-session.

use std::collections::HashMap;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration as CookieDuration;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use diesel::prelude::*;
use rand::RngExt;
use sha2::{Digest, Sha256};

use super::badges::Lately;
use super::load::{Ground, load};
use super::{FLASH, Lifetimes, NEW, NewSession, OUTAGE, ROTATE, SIGNED_IN, SignedIn};
use crate::access::Actor;
use crate::db::ids::{ProgramId, SessionId, UserId};
use crate::db::schema::{sessions, users};
use crate::db::{Db, SystemTx};
use crate::web::error::AppError;

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
    lately: Lately,
}

impl PgSessions {
    /// A store over the portal's database.
    pub fn new(db: Db, lifetimes: Lifetimes) -> Self {
        PgSessions { db, lifetimes, lately: Lately::default() }
    }
}

pub(super) type State = HashMap<String, String>;

/// The middleware would answer a failure with a bare 500 and none of our headers. Without it the worst is that
/// somebody has to sign in again; signing out ends the session before it gets here ([`end_one`]).
fn survived(what: &str, kept: Result<(), AppError>) {
    if let Err(cause) = kept {
        tracing::warn!(%cause, what, "a session could not be written");
    }
}

impl SessionStore for PgSessions {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let hash = hash(key.as_ref());
        let ground = Ground { lifetimes: self.lifetimes, lately: self.lately.clone(), written: self.db.written() };
        let loaded = self.db.system_glance("load a session", move |tx| load(tx, &hash, &ground)).await;
        Ok(loaded.unwrap_or_else(|cause| {
            // The outage travels on to whoever asks for the person, and becomes a proper page there.
            tracing::warn!(%cause, "a session could not be loaded");
            Some(State::from([(OUTAGE.to_owned(), "true".to_owned())]))
        }))
    }

    async fn save(&self, state: State, _: &CookieDuration) -> Result<SessionKey, SaveError> {
        let token = new_token();
        let hash = hash(&token);
        let started = move |tx: &mut SystemTx<'_>| {
            let (user, now) = (insert(tx, hash, &state)?, tx.now());
            // Loading notes a request at most once a minute: without this a first short visit would count as none.
            diesel::update(users::table.find(user)).set(users::last_seen_at.eq(now)).execute(tx.conn())?;
            Ok(())
        };
        let kept = self.db.system("start a session", started).await;
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

fn insert(tx: &mut SystemTx<'_>, hash: Vec<u8>, state: &State) -> Result<UserId, AppError> {
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
    Ok(new.user)
}

/// Somebody as they would act if they were signed in now, a system administrator with that program open. For the demo, which does everything as its people: it
/// goes through a real session, that ends at once.
///
/// # Errors
/// [`AppError::NotFound`] when they could not sign in.
pub fn acting_as(tx: &mut SystemTx<'_>, user: UserId, program: Option<ProgramId>) -> Result<Actor, AppError> {
    let auth_version: i32 = users::table.find(user).select(users::auth_version).first(tx.conn())?;
    let new = NewSession { user, auth_version, address: "demo".into(), agent: "demo".into() };
    let new = serde_json::to_string(&new).map_err(|cause| AppError::Internal(cause.into()))?;
    let hash = hash(&new_token());
    insert(tx, hash.clone(), &State::from([(NEW.to_owned(), new)]))?;
    let row = sessions::table.filter(sessions::token_hash.eq(hash.clone()));
    diesel::update(row.clone()).set(sessions::program_id.eq(program)).execute(tx.conn())?;
    let lifetimes = Lifetimes { idle_minutes: 1, absolute_hours: 1, system_second_factor: false };
    let state = load(tx, &hash, &Ground { lifetimes, lately: Lately::default(), written: 0 })?;
    diesel::delete(row).execute(tx.conn())?;
    let now = tx.now();
    diesel::update(users::table.find(user)).set(users::last_seen_at.eq(now)).execute(tx.conn())?;
    let signed_in: SignedIn =
        state.and_then(|state| serde_json::from_str(state.get(SIGNED_IN)?).ok()).ok_or(AppError::NotFound)?;
    Ok(Actor { session: None, request_id: "demo".into(), address: "127.0.0.1".into(), ..signed_in.actor })
}

//! Proving once more who one is: by the current password, by a code of the second factor. Tries are counted before
//! anything is compared, for all instances together.

use super::store::{self, Account};
use crate::access::limits::{self, Limit};
use crate::access::totp::{self, AppSecret};
use crate::app::App;
use crate::db::SystemTx;
use crate::db::ids::UserId;
use crate::web::error::AppError;

/// Tries, each under its own key.
pub struct Tries(Vec<(String, Limit)>);

impl Tries {
    /// Of these kinds.
    pub fn new(tries: Vec<(String, Limit)>) -> Tries {
        Tries(tries)
    }

    /// Counts one of each; always in the same order, so that people wait for one another rather than block.
    ///
    /// # Errors
    /// [`AppError::TooMany`].
    pub fn spend(&self, tx: &mut SystemTx<'_>) -> Result<(), AppError> {
        self.0.iter().try_for_each(|(key, limit)| limits::spend(tx, key, *limit))
    }

    /// Gives them back, after a success.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn refund(&self, tx: &mut SystemTx<'_>) -> Result<(), AppError> {
        self.0.iter().try_for_each(|(key, _)| limits::refund(tx, key))
    }

    /// Tries at the second factor of an account. A browser that signed in to it before is counted apart: strangers
    /// who have the password lock out strangers only.
    pub fn at_code(user: UserId, known: bool) -> Tries {
        let whose = if known { "known" } else { "account" };
        Tries(limits::CODES.iter().map(|(long, limit)| (format!("code/{long}/{whose}/{user}"), *limit)).collect())
    }

    /// These and others.
    pub fn and(mut self, others: Vec<(String, Limit)>) -> Tries {
        self.0.extend(others);
        self
    }
}

/// The account of a person who typed their current password; none when it is another.
///
/// # Errors
/// [`AppError::TooMany`] before it is compared; [`AppError::Busy`] when too many are.
pub async fn by_password(app: &App, user: UserId, typed: String) -> Result<Option<Account>, AppError> {
    let tries = Tries::new(vec![(format!("password/{user}"), limits::PASSWORD_CHANGE)]);
    let (account, tries) = app
        .db
        .system("count a look at one's password", move |tx| {
            tries.spend(tx)?;
            Ok((store::account(tx, user)?, tries))
        })
        .await?;
    if !app.hasher.verify(typed, account.password_hash.clone()).await? {
        return Ok(None);
    }
    app.db.system("give back a look at one's password", move |tx| tries.refund(tx)).await?;
    Ok(Some(account))
}

/// Whether a code of a person's app, or one of their recovery codes, was typed; it is used up by it.
///
/// # Errors
/// [`AppError::TooMany`] before it is compared.
pub async fn by_code(app: &App, user: UserId, typed: String, tries: Tries) -> Result<bool, AppError> {
    let tries = app.db.system("count a code", move |tx| tries.spend(tx).map(|()| tries)).await?;
    // Also those of before, as long as they are at hand: replacing the key locks nobody out.
    let mut keys = vec![app.key.clone()];
    keys.extend(app.config.old_keys().map_err(AppError::Internal)?);
    app.db
        .system("compare a code", move |tx| {
            let fits = use_up(tx, &keys, user, &typed)?;
            if fits {
                tries.refund(tx)?;
            }
            Ok(fits)
        })
        .await
}

fn use_up(tx: &mut SystemTx<'_>, keys: &[Vec<u8>], user: UserId, typed: &str) -> Result<bool, AppError> {
    let hashes: Vec<_> = keys.iter().filter_map(|key| totp::recovery_hash(key, user, typed)).collect();
    for hash in &hashes {
        if store::use_code(tx, user, hash)? {
            return Ok(true);
        }
    }
    let Some(factor) = store::factor(tx, user)?.filter(|_| hashes.is_empty()) else { return Ok(false) };
    let key = keys.iter().find(|key| AppSecret::key_id(key) == factor.secret.key_id);
    let now = tx.now();
    let step = key
        .or_else(|| keys.first())
        .and_then(|key| AppSecret::open(key, user, &factor.secret))
        .and_then(|secret| secret.step_of(typed, now));
    match step {
        Some(step) => store::use_step(tx, user, step),
        None => Ok(false),
    }
}

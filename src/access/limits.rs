//! Limited tries, counted in Postgres so that they hold across instances. A window begins with its first try.

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::{Int4, Text, Timestamptz};

use super::Actor;
use crate::db::{Db, SystemTx};
use crate::web::error::AppError;

/// So many tries in so long.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Tries in a window.
    pub tries: i32,
    /// The window, in seconds.
    pub seconds: i64,
}

/// So many tries at once, then one more each so many seconds.
#[derive(Clone, Copy, Debug)]
pub struct Drip {
    /// Tries at once.
    pub at_once: i32,
    /// Seconds after which one comes back.
    pub seconds: i64,
}

/// Sign-in, per network address.
pub const SIGN_IN_ADDRESS: Limit = Limit { tries: 10, seconds: 300 };
/// Sign-in, per account; a browser that signed in to it before is exempt.
pub const SIGN_IN_ACCOUNT: Limit = Limit { tries: 10, seconds: 300 };
/// Sign-in, all together.
pub const SIGN_IN_SITE: Limit = Limit { tries: 1000, seconds: 300 };
/// Tokens of the set-up page, per network address.
pub const SET_UP: Limit = Limit { tries: 20, seconds: 3600 };
/// Changing one's password, per account: the present one is asked for.
pub const PASSWORD_CHANGE: Limit = Limit { tries: 10, seconds: 300 };
/// Letters with a link for an address, and changes of address of a person.
pub const LINKS: Limit = Limit { tries: 5, seconds: 86_400 };
/// Links that are none, per network address.
pub const LINK_GUESSES: Limit = Limit { tries: 20, seconds: 3600 };
/// Letters for who forgot their password, per network address: three, then one each twenty minutes.
pub const RESETS: Drip = Drip { at_once: 3, seconds: 1200 };
/// Codes of a second factor, per account.
pub const CODES: [(&str, Limit); 3] = [
    ("minutes", Limit { tries: 5, seconds: 300 }),
    ("hour", Limit { tries: 20, seconds: 3600 }),
    ("day", Limit { tries: 50, seconds: 86_400 }),
];
/// Uploads, per person.
pub const UPLOADS: Limit = Limit { tries: 60, seconds: 3600 };
/// Letters that bring an invitation again, per invitation.
pub const RESENDS: Limit = Limit { tries: 5, seconds: 86_400 };
/// Tests of connections, per person: each makes the portal knock at somebody's door.
pub const CONNECTION_TESTS: Limit = Limit { tries: 30, seconds: 3600 };

/// Checks of links, per person: the same.
pub const LINK_CHECKS: Limit = Limit { tries: 30, seconds: 3600 };
/// Requests to the API, per token.
pub const API: Limit = Limit { tries: 600, seconds: 60 };

/// What a try left of its window.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// Tries in a window.
    pub limit: i32,
    /// Those that are left in this one; below 0 there was none for this try.
    over: i32,
    /// Those that are left, for who is told.
    pub left: i32,
    /// Seconds until the window ends.
    pub reset: i64,
}

impl Spent {
    /// Whether the try was one too many.
    ///
    /// # Errors
    /// [`AppError::TooMany`] with the seconds to wait.
    pub fn check(&self) -> Result<(), AppError> {
        if self.over >= 0 { Ok(()) } else { Err(AppError::TooMany { seconds: self.reset }) }
    }
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Int4)]
    count: i32,
    #[diesel(sql_type = Timestamptz)]
    window_start: chrono::DateTime<chrono::Utc>,
}

/// Counts one try under a key.
///
/// # Errors
/// [`AppError::TooMany`] with the seconds to wait, when the window is full. When the table is away the error of the
/// database stands: limits fail closed.
pub fn spend(tx: &mut SystemTx<'_>, key: &str, limit: Limit) -> Result<(), AppError> {
    count(tx, key, limit)?.check()
}

/// Counts one try under a key, and says what is left; also when it was one too many.
///
/// # Errors
/// When the database does not answer.
pub fn count(tx: &mut SystemTx<'_>, key: &str, limit: Limit) -> Result<Spent, AppError> {
    let (now, old) = (tx.now(), tx.now() - TimeDelta::seconds(limit.seconds));
    let counted: Counted = crate::db::statement(
        "INSERT INTO attempts AS a (key, window_start, count) VALUES ($1, $2, 1)
         ON CONFLICT (key) DO UPDATE SET
           count = CASE WHEN a.window_start <= $3 THEN 1 ELSE a.count + 1 END,
           window_start = CASE WHEN a.window_start <= $3 THEN $2 ELSE a.window_start END
         RETURNING count, window_start",
    )
    .bind::<Text, _>(key.to_owned())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(old)
    .get_result(tx.conn())?;
    let over = limit.tries.saturating_sub(counted.count);
    let reset = counted.window_start + TimeDelta::seconds(limit.seconds) - now;
    Ok(Spent { limit: limit.tries, over, left: over.max(0), reset: reset.num_seconds().clamp(1, limit.seconds) })
}

/// Counts one file that a person sent; the command line's are not limited.
///
/// # Errors
/// As [`spend`].
pub async fn spend_upload(db: &Db, actor: &Actor) -> Result<(), AppError> {
    let Some(user) = actor.user() else { return Ok(()) };
    db.system("count an upload", move |tx| spend(tx, &format!("upload {user}"), UPLOADS)).await
}

/// Counts one try under a key of a [`Drip`]. A refused one costs nothing.
///
/// # Errors
/// [`AppError::TooMany`] with the seconds until the next; as [`spend`].
pub fn spend_drip(tx: &mut SystemTx<'_>, key: &str, drip: Drip) -> Result<(), AppError> {
    let now = tx.now();
    // `count` is what is used up at `window_start`; what came back since then is taken off first.
    let counted: Counted = crate::db::statement(
        "INSERT INTO attempts AS a (key, window_start, count) VALUES ($1, $2, 1)
         ON CONFLICT (key) DO UPDATE SET (count, window_start) = (
           SELECT used + 1, CASE WHEN used = 0 THEN $2 ELSE a.window_start + back * $3 * interval '1 second' END
           FROM (SELECT back, greatest(least(a.count, $4) - back, 0) AS used
                 FROM (SELECT floor(extract(epoch FROM $2 - a.window_start) / $3)::integer AS back) AS b) AS u)
         RETURNING count, window_start",
    )
    .bind::<Text, _>(key.to_owned())
    .bind::<Timestamptz, _>(now)
    .bind::<Int4, _>(i32::try_from(drip.seconds).unwrap_or(i32::MAX))
    .bind::<Int4, _>(drip.at_once)
    .get_result(tx.conn())?;
    if counted.count <= drip.at_once {
        return Ok(());
    }
    let left = counted.window_start + TimeDelta::seconds(drip.seconds) - now;
    Err(AppError::TooMany { seconds: left.num_seconds().clamp(1, drip.seconds) })
}

/// Gives a try back, after a success.
///
/// # Errors
/// When the database does not answer.
pub fn refund(tx: &mut SystemTx<'_>, key: &str) -> Result<(), AppError> {
    crate::db::statement("UPDATE attempts SET count = greatest(count - 1, 0) WHERE key = $1")
        .bind::<Text, _>(key.to_owned())
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets windows that are long over.
///
/// # Errors
/// When the database does not answer.
pub fn sweep(tx: &mut SystemTx<'_>) -> Result<usize, AppError> {
    let before = tx.now() - TimeDelta::days(2);
    Ok(crate::db::statement("DELETE FROM attempts WHERE window_start < $1")
        .bind::<Timestamptz, _>(before)
        .execute(tx.conn())?)
}

//! Knows whether the database answers, so that requests need not find it out one by one.
//!
//! A server that hangs tells nobody: libpq waits for as long as the connection stands, and no timeout of the server's
//! counts for what never reaches it. So one connection outside of the pool is asked something small all the time.
//! Once it does not answer, what waits for the database is answered that it is away, and so is what comes later,
//! until the database answers again.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use tokio::sync::watch;

use super::plain_connection;

/// Between two questions.
const EVERY: Duration = Duration::from_millis(400);
/// How long an answer is waited for: together with [`EVERY`] and the answer to a person less than three seconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the database is away; cheap to clone. Without a watch that was started it never is.
#[derive(Clone, Debug)]
pub(super) struct Presence(Arc<watch::Sender<bool>>);

impl Default for Presence {
    fn default() -> Self {
        Presence(Arc::new(watch::Sender::new(false)))
    }
}

impl Presence {
    /// Whether it is away now.
    pub(super) fn is_away(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is away.
    pub(super) async fn gone(&self) {
        if self.0.subscribe().wait_for(|away| *away).await.is_err() {
            std::future::pending().await
        }
    }

    fn found(&self, away: bool) {
        let is_new = self.0.send_if_modified(|known| std::mem::replace(known, away) != away);
        match (is_new, away) {
            (true, true) => tracing::error!("the database is away"),
            (true, false) => tracing::info!("the database is back"),
            (false, _) => {}
        }
    }

    /// Watches from now on, on a thread of its own, as long as anybody else wants to know.
    ///
    /// # Errors
    /// When there can be no thread.
    pub(super) fn watch(&self, url: String) -> std::io::Result<()> {
        let presence = self.clone();
        let watching = move || {
            let mut asker = None;
            while Arc::strong_count(&presence.0) > 1 {
                let began = Instant::now();
                asker = asker.or_else(|| Asker::start(url.clone()).ok());
                let answers = asker.as_ref().is_some_and(Asker::answers);
                if !answers {
                    // It may hang for long, and its connection may be dead: the next question gets another.
                    asker = None;
                }
                presence.found(!answers);
                std::thread::sleep(EVERY.saturating_sub(began.elapsed()));
            }
        };
        std::thread::Builder::new().name("database watch".into()).spawn(watching).map(drop)
    }
}

/// A thread that asks, which can be left behind where it hangs.
struct Asker {
    ask: Sender<()>,
    answers: Receiver<bool>,
}

impl Asker {
    fn start(url: String) -> std::io::Result<Asker> {
        let (ask, asked) = mpsc::channel();
        let (answer, answers) = mpsc::channel();
        let asking = move || {
            let mut conn = None;
            while asked.recv().is_ok() {
                if answer.send(ask_it(&url, &mut conn)).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("database question".into()).spawn(asking)?;
        Ok(Asker { ask, answers })
    }

    fn answers(&self) -> bool {
        self.ask.send(()).is_ok() && self.answers.recv_timeout(PATIENCE).unwrap_or(false)
    }
}

/// A connection that was closed says nothing about the server: then a new one is asked.
fn ask_it(url: &str, conn: &mut Option<PgConnection>) -> bool {
    for _ in 0..2 {
        let Some(mut open) = conn.take().or_else(|| plain_connection(url).ok()) else { return false };
        if open.batch_execute("SELECT 1").is_ok() {
            *conn = Some(open);
            return true;
        }
    }
    false
}

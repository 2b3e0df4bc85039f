//! Where a tenant stands, and every move from there.

use super::model::Outcome;
use crate::access::{Actor, DeleteTenant, Permission, Rule, UpdateTenant};
use crate::values::{Choice, choice};

choice! {
    /// The state of a tenant.
    State {
        /// Being set up.
        Connecting = "connecting" / "Connecting",
        /// Runs.
        Active = "active" / "Active",
        /// Stopped for now.
        Paused = "paused" / "Paused",
        /// Its latest run failed.
        Failing = "failing" / "Failing",
        /// The customer took the install away.
        Disconnected = "disconnected" / "Disconnected",
        /// Over.
        Archived = "archived" / "Archived",
    }
}

choice! {
    /// What can be done to one, by the noun of its address; the last two are what runs do.
    Move {
        /// It runs from now on.
        Activate = "activation" / "Activate",
        /// Stop it for now.
        Pause = "pause" / "Pause",
        /// End a pause.
        Resume = "resumption" / "Resume",
        /// The customer took the install away.
        Disconnect = "disconnection" / "Disconnect",
        /// The customer installs it anew.
        Reconnect = "reconnection" / "Connect again",
        /// End it.
        Archive = "archival" / "Archive",
        /// A run failed.
        Fail = "failure" / "Fail",
        /// A good run after a failed one.
        Recover = "recovery" / "Recover",
    }
}

impl State {
    /// Those that are in use: a live integration's count.
    pub const LIVE: [State; 4] = [State::Connecting, State::Active, State::Paused, State::Failing];

    /// The state after a move.
    ///
    /// # Errors
    /// When there is no such move from here; a sentence for the person.
    pub fn after(self, wanted: Move) -> Result<State, String> {
        Ok(match (wanted, self) {
            (Move::Activate, State::Connecting) | (Move::Resume, State::Paused) | (Move::Recover, State::Failing) => {
                State::Active
            }
            (Move::Pause, State::Active | State::Failing) => State::Paused,
            (Move::Fail, State::Active) => State::Failing,
            (Move::Disconnect, State::Connecting | State::Active | State::Paused | State::Failing) => {
                State::Disconnected
            }
            (Move::Reconnect, State::Disconnected) => State::Connecting,
            (Move::Archive, State::Connecting | State::Disconnected) => State::Archived,
            _ => {
                let now = self.label().to_lowercase();
                return Err(format!("“{}” is not possible now: it is {now}. Look at it again.", wanted.label()));
            }
        })
    }

    /// What people can do from here.
    pub fn moves(self) -> impl Iterator<Item = Move> {
        Move::ALL.iter().copied().filter(move |one| one.rule().is_some() && self.after(*one).is_ok())
    }

    /// The move of people that leads from here to a state; none when there is none.
    pub fn way_to(self, wanted: State) -> Option<Move> {
        self.moves().find(|one| self.after(*one) == Ok(wanted))
    }

    /// What its latest run does to it, if anything.
    pub fn after_run(self, outcome: Outcome) -> Option<Move> {
        let done = match outcome {
            Outcome::Failed => Move::Fail,
            Outcome::Succeeded => Move::Recover,
            Outcome::Running | Outcome::Partly => return None,
        };
        self.after(done).is_ok().then_some(done)
    }

    /// Whether it takes reports of runs.
    pub fn takes_runs(self) -> bool {
        State::LIVE.contains(&self)
    }

    /// Tone and icon of its badge.
    pub fn look(self) -> (&'static str, &'static str) {
        match self {
            State::Connecting => ("info", "plug"),
            State::Active => ("good", "circle-check"),
            State::Paused => ("", "player-pause"),
            State::Failing => ("bad", "alert-triangle"),
            State::Disconnected => ("warn", "circle-x"),
            State::Archived => ("", "archive"),
        }
    }
}

impl Move {
    /// The permission it takes; none for what runs do.
    pub fn rule(self) -> Option<Rule> {
        match self {
            Move::Activate | Move::Pause | Move::Resume | Move::Disconnect | Move::Reconnect => {
                Some(UpdateTenant::RULE)
            }
            Move::Archive => Some(DeleteTenant::RULE),
            Move::Fail | Move::Recover => None,
        }
    }

    /// Whether somebody's role allows it at all.
    pub fn is_open_to(self, actor: &Actor) -> bool {
        self.rule().is_some_and(|rule| actor.may(&rule))
    }

    /// Its place below the tenant's address: archiving takes another permission, and so has an address of its own.
    pub fn place(self) -> String {
        match self {
            Move::Archive => self.key().to_owned(),
            other => format!("state/{}", other.key()),
        }
    }

    /// Whether it takes something away from people.
    pub fn is_harsh(self) -> bool {
        matches!(self, Move::Disconnect | Move::Archive)
    }

    /// The icon of its menu entry.
    pub fn icon(self) -> &'static str {
        match self {
            Move::Activate | Move::Resume | Move::Recover => "player-play",
            Move::Pause | Move::Fail => "player-pause",
            Move::Disconnect => "circle-x",
            Move::Reconnect => "plug",
            Move::Archive => "archive",
        }
    }
}

#[cfg(test)]
mod tests;

//! Seals: pieces of the chain under the portal's own key. Whoever can write the database, and does not have the key, can
//! make every hash of the chain anew, and no seal for it.
//!
//! The rules this file protects: each piece is sealed by whoever chained it, in the same transaction, and begins where the
//! one before it ends. Nothing is sealed later by itself: a piece without a seal stays one, and verifying tells of it,
//! until somebody who has the key says `portico audit seal`, which the log tells of.

use chrono::{DateTime, Utc};

use super::chain::{Hash, Head};
use super::store::{self, seals::Seal};
use super::verify::{self, What};
use crate::access::{Actor, mac};
use crate::activity::{self, Event};
use crate::connections::seal::Rotated;
use crate::db::{Db, SystemTx};
use crate::web::error::AppError;

const PURPOSE: &str = "audit-seal";

/// The portal's keys; the present one first.
#[derive(Clone)]
pub struct Seals(Vec<Vec<u8>>);

/// What can be said of a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// The chain is what was sealed.
    Whole,
    /// It is not.
    Broken,
    /// Its key is not at hand.
    Unknown,
}

impl Seals {
    /// With the portal's key, and those of before.
    pub fn new(present: &[u8], older: &[Vec<u8>]) -> Seals {
        Seals(std::iter::once(present.to_vec()).chain(older.iter().cloned()).collect())
    }

    fn present(&self) -> &[u8] {
        self.0.first().map_or(&[], Vec::as_slice)
    }

    /// The name of the present key; it tells nothing of the key.
    pub fn key_id(&self) -> String {
        key_id(self.present())
    }

    /// Seals the piece of the chain that begins after an entry and ends with a head.
    pub fn make(&self, after: i64, head: Head, at: DateTime<Utc>) -> Seal {
        let seal = mac::keyed(self.present(), PURPOSE, &said(after, head, at)).to_vec();
        Seal { through: head.seq, after, sealed_at: at, key_id: self.key_id(), seal }
    }

    /// Whether the chain, which has this hash where the piece ends, is what was sealed.
    pub fn judge(&self, seal: &Seal, hash: Hash) -> Judged {
        let Some(key) = self.0.iter().find(|key| key_id(key) == seal.key_id) else { return Judged::Unknown };
        let said = said(seal.after, Head { seq: seal.through, hash }, seal.sealed_at);
        if mac::is_keyed(key, PURPOSE, &said, &seal.seal) { Judged::Whole } else { Judged::Broken }
    }
}

fn said(after: i64, head: Head, at: DateTime<Utc>) -> String {
    format!("1|{after}|{head}|{}", at.timestamp_micros())
}

fn key_id(key: &[u8]) -> String {
    mac::keyed_hex(key, "audit-key", "").chars().take(16).collect()
}

/// Looks whether the end of the chain may be made longer.
///
/// # Errors
/// [`AppError::Refused`] when it is not what was sealed: nothing is built on that.
pub fn look(tx: &mut SystemTx<'_>, seals: &Seals, head: Head) -> Result<(), AppError> {
    let Some(last) = store::seals::last(tx)? else { return Ok(()) };
    let is_cut = last.through > head.seq;
    // A piece without a seal (an older Portico chains beside this one) lies before this one, and verifying tells of it.
    if is_cut || (last.through == head.seq && seals.judge(&last, head.hash) == Judged::Broken) {
        return Err(AppError::Refused(format!(
            "the chain of the audit log is not what was sealed at entry {}; see `portico audit verify`",
            last.through
        )));
    }
    Ok(())
}

/// Seals everything that is not, up to the head. For whoever has just made it, and nobody else.
///
/// # Errors
/// When the database does not answer.
pub fn cover(tx: &mut SystemTx<'_>, seals: &Seals) -> Result<(), AppError> {
    let (head, now) = (store::head(tx)?, tx.now());
    let after = store::seals::last(tx)?.map_or(0, |last| last.through);
    if after < head.seq { store::seals::append(tx, &seals.make(after, head, now)) } else { Ok(()) }
}

/// Seals with the present key what older ones sealed and what is still as it was then.
///
/// # Errors
/// When the database does not answer; what was done until then stays done.
pub fn rotate(db: &Db, seals: &Seals) -> Result<Rotated, AppError> {
    let (mut rotated, mut after) = (Rotated::default(), 0);
    let own = seals.key_id();
    loop {
        let last = db.system_now("command: seal the audit log with the present key", |tx| {
            let found = store::seals::otherwise(tx, &own, after)?;
            for (old, hash) in &found {
                match hash.map(|hash| (hash, seals.judge(old, hash))) {
                    Some((hash, Judged::Whole)) => {
                        let head = Head { seq: old.through, hash };
                        store::seals::renew(tx, &seals.make(old.after, head, old.sealed_at))?;
                        rotated.done += 1;
                    }
                    _ => rotated.unreadable += 1,
                }
            }
            Ok(found.last().map(|(seal, _)| seal.through))
        })?;
        match last {
            Some(last) => after = last,
            None => return Ok(rotated),
        }
    }
}

/// Puts one seal in the place of all, after everything else was verified: for who lost a key, or let an older Portico
/// chain. The log tells of it.
///
/// # Errors
/// With the first fault, when the chain does not fit; or when it became longer meanwhile.
pub fn anew(db: &Db, seals: &Seals) -> anyhow::Result<Head> {
    let report = verify::all(db, seals, None, |_, _| {})?;
    if let Some(fault) = report.faults.iter().find(|fault| fault.what != What::Seal) {
        anyhow::bail!("nothing was sealed, for the chain does not fit: {}", fault.sentence());
    }
    if let Some(trigger) = report.triggers_off.first() {
        anyhow::bail!("nothing was sealed, for the trigger {trigger} is switched off");
    }
    let head = report.head;
    db.system_now("command: seal the audit log anew", |tx| {
        if !store::take_turn(tx)? || store::head(tx)? != head {
            return Err(AppError::Busy("a portal chained lines meanwhile: try again".into()));
        }
        let now = tx.now();
        store::seals::clear(tx)?;
        if head.seq > 0 {
            store::seals::append(tx, &seals.make(0, head, now))?;
        }
        let event = Event::AuditSealedAnew { lines: head.seq };
        activity::store::record(tx, &Actor::operator(None), &event)
    })?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t60_a_seal_is_of_its_key_its_piece_and_its_moment() {
        let at: DateTime<Utc> = "2026-11-20T09:42:00Z".parse().unwrap();
        let (one, other) = (Hash::NONE, "ab".repeat(32).parse::<Hash>().unwrap());
        let seals = Seals::new(b"present", &[b"older".to_vec()]);
        let seal = seals.make(3, Head { seq: 9, hash: one }, at);
        assert_eq!(seals.judge(&seal, one), Judged::Whole);
        assert_eq!(seals.judge(&seal, other), Judged::Broken);
        for wrong in [
            Seal { after: 2, ..seal.clone() },
            Seal { through: 10, ..seal.clone() },
            Seal { sealed_at: at + chrono::TimeDelta::seconds(1), ..seal.clone() },
        ] {
            assert_eq!(seals.judge(&wrong, one), Judged::Broken);
        }
        let older = Seals::new(b"older", &[]).make(3, Head { seq: 9, hash: one }, at);
        assert_eq!(seals.judge(&older, one), Judged::Whole);
        assert_eq!(Seals::new(b"another", &[]).judge(&older, one), Judged::Unknown);
        // Who writes another key's name beside it gains nothing.
        assert_eq!(seals.judge(&Seal { key_id: seals.key_id(), ..older }, one), Judged::Broken);
    }
}

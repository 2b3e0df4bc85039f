//! Reads log and chain again, and names what does not fit.

use std::collections::VecDeque;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::chain::{Hash, Head};
use super::seal::{Judged, Seals};
use super::store::seals::{self, Late};
use super::store::{self, Line, Link};
use crate::db::ids::ActivityId;
use crate::db::{Db, SystemTx};
use crate::web::error::AppError;

/// Entries that are read at once.
const AT_ONCE: i64 = 2000;
/// Entries that the quick form looks at.
const QUICK: i64 = 1000;
/// Entries after one that does not fit, among which its own line is looked for.
const NEAR: i64 = 1000;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// A line says something else than when it was chained.
    Altered,
    /// A line is gone.
    Removed,
    /// A line came in past the portal.
    Inserted,
    /// Lines changed their places.
    Reordered,
    /// The chain itself was changed.
    Chain,
    /// The chain is not what was sealed with the portal's key, or was not sealed.
    Seal,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct Fault {
    /// What.
    pub what: What,
    /// The line's id.
    pub id: Option<ActivityId>,
    /// When it happened.
    pub at: Option<DateTime<Utc>>,
    /// Its kind.
    pub kind: Option<String>,
    /// Its place in the chain.
    pub seq: Option<i64>,
    /// In words.
    pub words: String,
}

impl Fault {
    /// In one line.
    pub fn sentence(&self) -> String {
        let what = format!("{:?}", self.what).to_uppercase();
        let id = self.id.map(|id| format!(" line {id}")).unwrap_or_default();
        let at =
            self.at.map(|at| format!(" of {}", at.to_rfc3339_opts(SecondsFormat::AutoSi, true))).unwrap_or_default();
        let kind = self.kind.as_ref().map(|kind| format!(" ({kind})")).unwrap_or_default();
        let seq = self.seq.map(|seq| format!(", entry {seq} of the chain")).unwrap_or_default();
        format!("{what}:{id}{at}{kind}{seq}: {}", self.words)
    }
}

/// How far the chain is sealed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sealed {
    /// The last entry before the first seal: what was chained before there were seals is covered by its hash.
    pub after: i64,
    /// The last entry that is sealed; 0 when there are no seals yet.
    pub through: i64,
    /// When it was sealed.
    pub at: Option<DateTime<Utc>>,
    /// Pieces that were sealed long after they happened: no portal ran then, or they were chained a second time.
    pub late: Option<Late>,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Entries that fit.
    pub verified: i64,
    /// The end of the chain.
    pub head: Head,
    /// Its seals.
    pub sealed: Sealed,
    /// Lines that wait for their place.
    pub waiting: i64,
    /// When the first of them happened.
    pub waiting_since: Option<DateTime<Utc>>,
    /// Triggers that somebody switched off.
    pub triggers_off: Vec<String>,
    /// What is wrong: of the chain, of lines outside of it, and of the queue the first of each; the oldest first.
    pub faults: Vec<Fault>,
}

impl Report {
    /// Whether everything fits.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty() && self.triggers_off.is_empty()
    }
}

/// Verifies everything, a piece at a time; `since` is a head of before, which must still be in the chain. The end of
/// the chain may move meanwhile: what comes in is verified too. Tells how many entries are done, of about how many.
///
/// # Errors
/// When the database does not answer.
pub fn all(db: &Db, seals: &Seals, since: Option<Head>, mut told: impl FnMut(i64, i64)) -> Result<Report, AppError> {
    let of = looked(db, store::head)?.seq;
    let mut walk = Walk { seq: 0, hash: Hash::NONE };
    let fault = loop {
        let batch = looked(db, |tx| pairs(tx, walk.seq, AT_ONCE))?;
        let is_last = batch.is_empty();
        let fault = walk.through(&batch);
        told(walk.seq, of.max(walk.seq));
        if fault.is_some() || is_last {
            break fault;
        }
    };
    looked(db, |tx| {
        let mut faults: Vec<Fault> = Vec::new();
        if let Some(at) = fault {
            faults.push(walk.named(tx, at)?);
        }
        if let Some(since) = since {
            faults.extend(unlike(tx, since)?);
        }
        report(tx, walk.seq, faults, None, seals)
    })
}

fn looked<T>(db: &Db, work: impl FnOnce(&mut SystemTx<'_>) -> Result<T, AppError>) -> Result<T, AppError> {
    db.system_now("command: verify the audit log", work)
}

/// Verifies the newest entries, and what came in since the first of them.
///
/// # Errors
/// When the database does not answer.
pub fn newest(db: &Db, seals: &Seals) -> Result<Report, AppError> {
    db.system_now("command: look at the end of the audit log", |tx| {
        let begin = (store::head(tx)?.seq - QUICK).max(0);
        let before = if begin > 0 { store::links(tx, begin - 1, 1)? } else { Vec::new() };
        let hash = before.first().map_or(Hash::NONE, |link| link.head().hash);
        let mut walk = Walk { seq: begin, hash };
        let pairs = pairs(tx, begin, QUICK)?;
        let fault = walk.through(&pairs);
        let faults = fault.map(|at| walk.named(tx, at)).transpose()?.into_iter().collect();
        let from = pairs.front().map(|(link, _)| (begin, link.activity_at));
        report(tx, walk.seq - begin, faults, from, seals)
    })
}

fn report(
    tx: &mut SystemTx<'_>,
    verified: i64,
    mut faults: Vec<Fault>,
    from: Option<(i64, DateTime<Utc>)>,
    seals: &Seals,
) -> Result<Report, AppError> {
    if let Some(line) = store::unlisted(tx, from.map(|(_, at)| at))? {
        let words = "it is neither in the chain nor waiting for its place: it was put in past the portal, or its entry \
                     was taken out of the chain";
        faults.push(of_line(What::Inserted, &line, None, words.into()));
    }
    if let Some((at, id)) = store::lost(tx)? {
        let words = "it waited for its place in the chain and is gone".into();
        faults.push(Fault { what: What::Removed, id: Some(id), at: Some(at), kind: None, seq: None, words });
    }
    faults.sort_by_key(|fault| fault.at);
    let (waiting, waiting_since) = store::waiting(tx)?;
    let (head, triggers_off) = (store::head(tx)?, store::sleeping(tx)?);
    let (sealed, broken) = judged(tx, seals, from.map_or(0, |(entry, _)| entry), head)?;
    faults.extend(broken);
    Ok(Report { verified, head, sealed, waiting, waiting_since, triggers_off, faults })
}

/// Looks at the seals that end after an entry, up to a head that was read before them.
fn judged(tx: &mut SystemTx<'_>, keys: &Seals, from: i64, head: Head) -> Result<(Sealed, Option<Fault>), AppError> {
    let mut before = seals::before(tx, from)?.map(|seal| seal.through);
    let mut sealed = Sealed { through: before.unwrap_or_default(), ..Sealed::default() };
    if from == 0 {
        sealed.late = seals::late(tx)?;
    }
    let mut at = from;
    loop {
        let some = seals::some(tx, at)?;
        let Some((last, _)) = some.last() else { break };
        at = last.through;
        for (seal, hash) in &some {
            let fault = |words: String| Fault {
                what: What::Seal,
                id: None,
                at: None,
                kind: None,
                seq: Some(seal.through),
                words,
            };
            let words = match (before, hash.map(|hash| keys.judge(seal, hash))) {
                (_, None) => Some("it was sealed and is not there: the end of the chain was cut off".to_owned()),
                (Some(end), _) if end != seal.after => {
                    Some(format!("the entries {} to {} before it were chained without a seal", end + 1, seal.after))
                }
                (_, Some(Judged::Broken)) => Some("the chain up to here is not what was sealed".to_owned()),
                (_, Some(Judged::Unknown)) => {
                    Some("it was sealed with a key that is neither secret_key nor among old_secret_keys".to_owned())
                }
                (_, Some(Judged::Whole)) => None,
            };
            if let Some(words) = words {
                return Ok((sealed, Some(fault(words))));
            }
            if before.is_none() {
                sealed.after = seal.after;
            }
            before = Some(seal.through);
            (sealed.through, sealed.at) = (seal.through, Some(seal.sealed_at));
        }
    }
    let bare = before.is_some_and(|end| end < head.seq).then(|| Fault {
        what: What::Seal,
        id: None,
        at: None,
        kind: None,
        seq: Some(head.seq),
        words: format!("the entries from {} on were chained without a seal", sealed.through + 1),
    });
    Ok((sealed, bare))
}

type Pair = (Link, Option<Line>);

fn pairs(tx: &mut SystemTx<'_>, after: i64, most: i64) -> Result<VecDeque<Pair>, AppError> {
    let links = store::links(tx, after, most)?;
    let keys: Vec<store::Key> = links.iter().map(Link::key).collect();
    let mut lines = store::lines(tx, &keys)?;
    Ok(links.into_iter().map(|link| (link.clone(), lines.remove(&link.key()))).collect())
}

/// A head of before that is not in the chain any more.
fn unlike(tx: &mut SystemTx<'_>, since: Head) -> Result<Option<Fault>, AppError> {
    let fault =
        |words: String| Fault { what: What::Chain, id: None, at: None, kind: None, seq: Some(since.seq), words };
    let found = store::links(tx, since.seq - 1, 1)?.into_iter().next().filter(|link| link.seq == since.seq);
    Ok(match found {
        None => Some(fault(format!("the chain once had {since} and has no such entry now: its end was cut off"))),
        Some(link) if link.head() != since => {
            Some(fault(format!("it was {since} and is {}: the chain up to here was made anew", link.head())))
        }
        Some(_) => None,
    })
}

fn of_line(what: What, line: &Line, seq: Option<i64>, words: String) -> Fault {
    Fault { what, id: Some(line.id), at: Some(line.at), kind: Some(line.kind.clone()), seq, words }
}

/// How far the chain was found whole.
struct Walk {
    seq: i64,
    hash: Hash,
}

impl Walk {
    /// Goes on through some entries; returns the first that does not fit.
    fn through(&mut self, pairs: &VecDeque<Pair>) -> Option<Link> {
        for (link, line) in pairs {
            let hash = line.as_ref().and_then(|line| line.content().after(&self.hash, link.version));
            match hash {
                Some(hash) if link.seq == self.seq + 1 && hash.bytes() == link.hash => {
                    (self.seq, self.hash) = (link.seq, hash);
                }
                _ => return Some(link.clone()),
            }
        }
        None
    }

    /// Says what is wrong with an entry that does not fit after those before it.
    fn named(&self, tx: &mut SystemTx<'_>, link: Link) -> Result<Fault, AppError> {
        let seq = Some(link.seq);
        let bare = |what: What, words: String| {
            let (id, at) = (Some(link.activity_id), Some(link.activity_at));
            Fault { what, id, at, kind: None, seq, words }
        };
        if link.seq != self.seq + 1 {
            let missing = format!("{} to {}", self.seq + 1, link.seq - 1);
            return Ok(bare(What::Chain, format!("before it the entries {missing} of the chain are missing")));
        }
        let near = pairs(tx, self.seq, NEAR)?;
        let Some(line) = near.front().and_then(|(_, line)| line.as_ref()) else {
            return Ok(match store::anywhere(tx, link.activity_id)? {
                Some(moved) => of_line(
                    What::Reordered,
                    &moved,
                    seq,
                    format!("its moment was {} when it was chained", link.activity_at.to_rfc3339()),
                ),
                None => bare(What::Removed, "it was chained and is not in the log any more".into()),
            });
        };
        let Some(hash) = line.content().after(&self.hash, link.version) else {
            let words = format!("it was chained by a newer Portico, in version {}", link.version);
            return Ok(of_line(What::Chain, line, seq, words));
        };
        // Another line is the one that was chained here.
        let fits = |(_, other): &&Pair| {
            other
                .as_ref()
                .and_then(|other| other.content().after(&self.hash, link.version))
                .is_some_and(|hash| hash.bytes() == link.hash)
        };
        if let Some((_, Some(other))) = near.iter().skip(1).find(fits) {
            let words = format!("it stands where line {} of {} was chained", other.id, other.at.to_rfc3339());
            return Ok(of_line(What::Reordered, line, seq, words));
        }
        // What comes after fits to the line as it is: then only the entry was changed.
        let next = near.get(1).and_then(|(next, line)| {
            let after = line.as_ref()?.content().after(&hash, next.version)?;
            Some(after.bytes() == next.hash)
        });
        Ok(match next {
            Some(true) => of_line(
                What::Chain,
                line,
                seq,
                "its entry was changed; the line itself fits what comes after it".into(),
            ),
            _ => of_line(What::Altered, line, seq, "it is not what was chained".into()),
        })
    }
}

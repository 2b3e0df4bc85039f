//! People who ask all the time, and what they saw.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::http::{Asked, Client};

/// One request.
#[derive(Clone, Debug)]
pub struct Seen {
    pub what: &'static str,
    pub began: Instant,
    pub took: Duration,
    /// 0 when there was no whole answer.
    pub status: u16,
    /// An answer had begun and did not end.
    pub is_torn: bool,
    pub is_refused: bool,
    pub retry_after: bool,
    pub text: String,
}

impl Seen {
    pub fn of(what: &'static str, began: Instant, asked: &Asked) -> Seen {
        let took = began.elapsed();
        let (mut is_torn, mut is_refused, mut retry_after) = (false, false, false);
        let (status, text) = match asked {
            Ok(answer) => {
                retry_after = answer.header("retry-after").is_some();
                (answer.status, if answer.status == 503 { answer.text() } else { String::new() })
            }
            Err(broken) => {
                (is_torn, is_refused) = (broken.begun, broken.is_refusal());
                (0, broken.cause.to_string())
            }
        };
        Seen { what, began, took, status, is_torn, is_refused, retry_after, text }
    }

    /// In few words.
    pub fn told(&self) -> String {
        let text: String = if self.status == 0 { self.text.clone() } else { String::new() };
        format!("{} {} after {:.2} s {text}", self.what, self.status, self.took.as_secs_f64())
    }
}

/// Where what was seen is gathered.
#[derive(Default)]
pub struct Crowd {
    ended: AtomicBool,
    seen: Mutex<Vec<Seen>>,
}

impl Crowd {
    pub fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
    }

    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    pub fn keep(&self, seen: Seen) {
        self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(seen);
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    /// Asks for pages in turn, one each so often, until the end.
    pub fn browse(&self, client: &Client, pages: &[(&'static str, &str)], every: Duration) {
        for (what, path) in pages.iter().cycle() {
            let began = Instant::now();
            self.keep(Seen::of(what, began, &client.get(path)));
            if self.rest(began, every) {
                return;
            }
        }
    }

    /// Waits until it is time for the next; true at the end.
    pub fn rest(&self, began: Instant, every: Duration) -> bool {
        while began.elapsed() < every && !self.has_ended() {
            thread::sleep(every.saturating_sub(began.elapsed()).min(Duration::from_millis(20)));
        }
        self.has_ended()
    }
}

/// Numbers that look random and are the same each time.
pub struct Seeded(u64);

impl Seeded {
    pub fn new(seed: u64) -> Seeded {
        Seeded(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Less than `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound.max(1)
    }
}

/// Waits until something is so; how long that took, none when it was in vain.
pub fn wait(patience: Duration, mut is_so: impl FnMut() -> bool) -> Option<Duration> {
    let began = Instant::now();
    while began.elapsed() < patience {
        if is_so() {
            return Some(began.elapsed());
        }
        thread::sleep(Duration::from_millis(50));
    }
    None
}

//! The programs: each hurts in one way, and is judged by a bar of its own.

mod bombs;
mod disk;
mod kill;
mod migrate;
mod pool;
mod postgres;
mod slow;
mod smtp;
mod soak;
mod stop;

use crate::bed::Bed;
use crate::report::Report;

pub struct Program {
    pub name: &'static str,
    /// What it shows.
    pub shows: &'static str,
    /// Whether its short form is among those that run by themselves.
    pub is_quick: bool,
    pub run: fn(&Bed, &mut Report) -> Result<(), String>,
}

const fn program(name: &'static str, shows: &'static str, run: fn(&Bed, &mut Report) -> Result<(), String>) -> Program {
    Program { name, shows, is_quick: true, run }
}

pub const PROGRAMS: [Program; 10] = [
    program("kill", "kill -9 at random moments loses nothing that was acknowledged (B6, B17, T62)", kill::run),
    program("postgres", "PostgreSQL cut off, hanging, late, killed, restarted (B7, T64)", postgres::run),
    program("pool", "a hundred people and a pool that is used up (T65)", pool::run),
    program("smtp", "the mail server away, silent, refusing (B8, T61)", smtp::run),
    program("stop", "told to stop under load (B9, T69)", stop::run),
    program("slow", "connections that send drop by drop (B10, T66)", slow::run),
    program("bombs", "requests that are made to cost much (B11, T67)", bombs::run),
    program("disk", "a full disk, a closed log (T68)", disk::run),
    program("migrate", "several instances start at once (T71)", migrate::run),
    Program { is_quick: false, ..program("soak", "nothing grows (T73)", soak::run) },
];

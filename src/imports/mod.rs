//! Records from a file: check first, then write, then perhaps undo (beyond.md, 14). What is common to all kinds of
//! records that are checked while the person waits; what a row means is its [`Subject`]'s.
//!
//! The rules this slice protects: a check runs the very code of the import ([`run::import`]) and is rolled back; a
//! record is matched by a stable key and only what the file says is set, so the same file a second time changes
//! nothing; a row is taken whole or refused with a reason; an import is one transaction; an undo takes back only what
//! nobody touched since.
//!
//! ```text
//! uploaded → (check) → checked → (apply) → applied → (undo, for 30 days) → undone
//! ```

pub mod apply;
pub mod columns;
pub mod file;
pub mod handlers;
pub mod model;
pub mod plan;
pub mod run;
pub mod store;
pub mod undo;
pub mod views;

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access::{Actor, Permission};
use crate::activity::Event;
use crate::db::ids::FileImportId;
use crate::db::{Change, WriteTx};
use crate::web::error::AppError;
use crate::web::page::Nav;
use file::Table;
use model::{Import, Line, Report};
use plan::Column;

/// How long an import can be undone, in days.
pub const UNDO_DAYS: i64 = 30;

/// Most rows of a file that is uploaded; the command line takes more.
pub const MOST_ROWS: usize = 5000;

/// What became of a whole file, for its event.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "counts of rows")]
pub enum Happened {
    /// It was uploaded.
    Uploaded,
    /// It was written.
    Imported { created: i32, updated: i32, unchanged: i32, refused: i32 },
    /// It was taken back.
    Undone { removed: i32, restored: i32, kept: i32 },
}

/// How a kind of records is called, and where its pages are.
#[derive(Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Words {
    /// As it is stored.
    pub kind: &'static str,
    /// Where the pages of imports are.
    pub address: &'static str,
    /// Where the records are, and how that page is called.
    pub home: (&'static str, &'static str),
    pub nav: Nav,
    pub title: &'static str,
    pub done: &'static str,
    pub one: &'static str,
    pub many: &'static str,
    /// "are listed" is not said of them: the columns of a file, for who makes one.
    pub columns: &'static str,
    /// How records are matched, as the beginning of a sentence.
    pub matched: &'static str,
    /// What one should know besides.
    pub besides: &'static str,
    /// By what rows are matched, in bold.
    pub by: &'static str,
    /// Which created ones an undo leaves.
    pub kept: &'static str,
    /// Headings of a report: what a row is about, and its name.
    pub heads: (&'static str, &'static str),
    /// What the command calls them in JSON: the key, whose it is, its name.
    pub parts: [&'static str; 3],
}

/// The rows of a file with what is to be written for them.
pub type Decided<S> = (Vec<Line<S>>, <S as Subject>::Writes);

/// A kind of records that come from a file.
pub trait Subject: Clone + Debug + Default + Send + Sync + 'static {
    /// What one needs to import them.
    type May: Permission;
    /// The fields that a file can say.
    type Field: Column;
    /// Which record a row made or changed.
    type Target: Serialize + DeserializeOwned + Clone + Copy + Debug + Send + Sync + 'static;
    /// A record's values, for undo.
    type Before: Serialize + DeserializeOwned + Clone + Debug + Send + Sync + 'static;
    /// What is to be written once every row was decided.
    type Writes;
    /// What an undo looks at.
    type Present;

    /// How they are called.
    const WORDS: &'static Words;

    /// Whether they can be imported at all just now.
    ///
    /// # Errors
    /// With what has to be done first.
    fn ready(tx: &mut crate::db::ReadTx<'_>) -> Result<(), AppError>;

    /// The event of a whole file.
    fn event(file: &str, happened: Happened) -> Event;

    /// Decides every row, in the order of the file; writes nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    fn decide(
        tx: &mut WriteTx<'_, Self::May>,
        table: &Table,
        places: &BTreeMap<Self::Field, usize>,
    ) -> Result<Decided<Self>, AppError>;

    /// Writes what was decided, notes in the report what it is now, and returns an event for each record.
    ///
    /// # Errors
    /// [`AppError::Conflict`] when somebody changed one of them at the same moment.
    fn write(
        tx: &mut WriteTx<'_, Self::May>,
        writes: Self::Writes,
        report: &mut Report<Self>,
    ) -> Result<Vec<Event>, AppError>;

    /// What is there of what a report names.
    ///
    /// # Errors
    /// When the database does not answer.
    fn present(tx: &mut WriteTx<'_, Self::May>, report: &Report<Self>) -> Result<Self::Present, AppError>;

    /// Takes one row back: its event, or why it is left alone.
    ///
    /// # Errors
    /// When the database does not answer.
    fn take_back(
        tx: &mut WriteTx<'_, Self::May>,
        present: &mut Self::Present,
        line: &Line<Self>,
    ) -> Result<Result<Event, String>, AppError>;

    /// The page of a record.
    fn page(target: Self::Target) -> String;
}

/// The address of an import's page.
pub fn address<S: Subject>(id: FileImportId) -> String {
    format!("{}/{id}", S::WORDS.address)
}

/// Imports go into one program.
///
/// # Errors
/// [`AppError::Refused`] above programs.
fn needs_program<S: Subject>(actor: &Actor) -> Result<(), AppError> {
    match actor.program_id() {
        Some(_) => Ok(()),
        None => Err(AppError::Refused(format!("Open a program first: {} are imported into one.", S::WORDS.many))),
    }
}

/// The way back from a page of an import.
fn crumbs<S: Subject>(import: &Import) -> Vec<(String, String)> {
    let words = S::WORDS;
    vec![
        (words.home.0.into(), words.home.1.into()),
        (words.address.into(), "Import".into()),
        (address::<S>(import.id), import.file_name.clone()),
    ]
}

/// What a run of an import returns.
pub type Ran<S> = Result<Change<Report<S>>, AppError>;

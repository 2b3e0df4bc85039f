//! Forms that the host builds and partners answer (S2-3, S2-4).
//!
//! A program has two: the *partner form*, answered once by each partner and shown on its profile, and the *integration
//! form*, answered for each integration. Both are optional: without one nothing waits for anything.
//!
//! The rules this slice protects: a version that was published never changes; a submission holds every question as it
//! was asked, so it is shown exactly as it was sent whatever became of the form; whether a question is asked is decided
//! here and never by the browser; a question depends on earlier ones only; a partner sees its own answers and files.
//!
//! ```text
//! version: draft → live → retired          answers: draft → sent (numbered, frozen)
//!                                          of an integration: sent when it is submitted
//! ```

pub mod answer;
pub mod builder;
pub mod files;
pub mod integration;
pub mod model;
pub mod overview;
pub mod profile;
pub mod publish;
pub mod questions;
pub mod sheet;
pub mod store;
pub mod views;

pub use integration::freeze_for;
pub use model::FormKind;

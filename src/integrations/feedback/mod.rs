//! Feedback on an integration's pages: items on a page or a field, blocking or advice or internal, that are answered,
//! settled and opened again (beyond.md, 3). Partner and host see the same list; internal notes only hosts.

pub mod store;

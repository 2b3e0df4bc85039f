//! Source rules.

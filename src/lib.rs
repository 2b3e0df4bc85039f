//! Portico, a self-hosted partner portal: the map of the system.
//!
//! **A request** comes in through [`app`]: log, headers, session, cross-site check, deadline. [`routes`] lists every
//! address with the permission it asks for. A handler's first argument is a [`access::Grant`], the proof that the
//! person has that permission; with it, and only with it, [`db::Db`] opens one transaction, which takes on a database
//! role without rights of its own and the person's scope: everything, one program, or one partner.
//!
//! **Slices** ([`programs`], [`partners`], [`people`], [`invitations`], [`roles`], [`letters`], [`connections`],
//! [`file_templates`], [`forms`], [`integrations`], [`tenants`], [`tokens`], [`dashboard`], [`search`], [`help`]) have
//! the same few files: `model` (types and rules; no SQL, no
//! HTTP, no clock), `store` (all SQL; every SELECT begins with a private `visible`), `forms`
//! (from what was typed to valid values), `handlers` (HTTP in, page out), `views` (one struct per template). A slice
//! may use another's model and store, never its handlers, forms or views.
//!
//! **The kernel** owns what must never be forgotten:
//! - [`access`]: actors, roles, the one table of permissions, sessions, passwords, limits;
//! - [`db`]: transactions with a scope, typed ids, migrations, the embedded PostgreSQL;
//! - [`activity`]: a write returns a [`db::Change`] with its events, stored in the same transaction, or is rolled back;
//! - [`mail`]: letters are rows of the same transaction, sent after it by a worker;
//! - [`web`]: errors become pages in one place; forms keep what was typed and find every error; lists keep their
//!   whole state in the address; assets have their hash in the name.
//!
//! **Systems** come in through [`api`], whose door makes an actor of a partner's token; there are no sessions there.
//!
//! **Values** ([`values`]) can be made only by parsing, so that forms, imports and commands share one rule a field.
//!
//! **By itself** the portal sends, publishes, reminds, chains and forgets ([`jobs`]); [`checkup`] looks whether all is well.
//!
//! **The command line** ([`cli`]) goes through the same use cases, as the operator of the machine.

pub mod access;
pub mod activity;
pub mod api;
pub mod app;
pub mod audit;
pub mod backup;
pub mod campaigns;
pub mod checkup;
pub mod cli;
pub mod config;
pub mod connections;
pub mod dashboard;
pub mod db;
pub mod demo;
pub mod file_templates;
pub mod forms;
pub mod help;
pub mod imports;
pub mod integrations;
pub mod invitations;
pub mod jobs;
pub mod letters;
pub mod mail;
pub mod notices;
pub mod partners;
pub mod people;
pub mod products;
pub mod programs;
pub mod redemptions;
pub mod roles;
pub mod routes;
pub mod search;
pub mod tenants;
pub mod tiers;
pub mod tokens;
pub mod values;
pub mod web;

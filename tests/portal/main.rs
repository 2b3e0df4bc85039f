//! Portico from the outside: a real server on a free port, a real Postgres, people with real sessions.
//!
//! `support` makes the world that the tests play in; `sweeps` go over every address, table and source file; the
//! other modules follow the slices of the program. A test is named by a sentence, and begins with the number of
//! the security test that it is (T21: `t21_…`), where it is one.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod activity;
mod api;
mod api_cost;
mod api_products;
mod api_redemptions;
mod assignments;
mod assignments_import;
mod audit;
mod backup;
mod campaigns;
mod checks;
mod configuration;
mod connections;
mod dashboard;
mod email;
mod embedded;
mod explain;
mod file_templates;
mod forms;
mod forms_builder;
mod help;
mod import;
mod instances;
mod integration_answers;
mod integration_mail;
mod integrations;
mod integrations_list;
mod invitations;
mod isolation;
mod jobs;
mod keys;
mod letters;
mod logo;
mod mail;
mod mail_running;
mod members;
mod moves;
mod notices;
mod openapi;
mod partners;
mod plans;
mod process;
mod products;
mod products_import;
mod program_tokens;
mod programs;
mod reminders;
mod requests;
mod reset;
mod review;
mod roles;
mod search;
mod second_factor;
mod session;
mod support;
mod sweeps;
mod tenants;
mod tiers;
mod tokens;
mod view_as;

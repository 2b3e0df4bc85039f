//! Portico, a self-hosted partner portal.

pub mod access;
pub mod activity;
pub mod app;
pub mod cli;
pub mod config;
pub mod db;
pub mod help;
pub mod mail;
pub mod partners;
pub mod people;
pub mod programs;
pub mod routes;
pub mod search;
pub mod values;
pub mod web;

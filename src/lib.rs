//! Breeze: an export inspection sampling service.
//!
//! The modules in the order of the loop: what is declared ([`domain`]) closes into a frame, from
//! which a sample is drawn ([`sampling`]); what inspectors find becomes rates ([`statistics`]);
//! [`store`] keeps all of it, [`flow`] is the business, and [`api`] and [`cli`] are the doors.

pub mod domain;
pub mod sampling;
pub mod statistics;

pub mod store;

pub mod flow;

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod error;

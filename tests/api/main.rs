//! Users' stories over the REST interface, each on both engines.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

#[path = "../support/mod.rs"]
mod support;

mod declarations;
mod draws;
mod keys;
mod offices;
mod policies;
mod system;
mod trends;

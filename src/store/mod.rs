//! The only folder that knows diesel: one connection type for both engines, one file per noun.

pub mod assignments;
pub mod campaigns;
pub mod chain;
pub mod chart_evaluations;
pub mod chores;
pub mod commitments;
pub mod connection;
pub mod declarations;
pub mod directives;
pub mod draws;
pub mod entropy;
pub mod fault;
pub mod idempotency;
pub mod imports;
pub mod inspections;
pub mod items;
pub mod keys;
pub mod lessons;
pub mod migrate;
pub mod offices;
pub mod policies;
mod prefix;
pub mod rates;
pub mod reports;
pub mod result_imports;
pub mod risk_models;
mod schema;
pub mod signals;
pub mod sums;

pub use connection::{Conn, Engine, Store};

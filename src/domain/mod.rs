//! The nouns. Parsed once, so always valid; they know no database, no HTTP, no clock.

pub mod calendar;
pub mod chain;
pub mod day;
pub mod decimal;
pub mod declaration;
pub mod digest;
pub mod draw;
pub mod id;
pub mod import;
pub mod inspection;
pub mod json;
pub mod key;
pub mod location;
pub mod master;
pub mod money;
pub mod office;
pub mod parameter;
pub mod period;
pub mod policy;
pub mod problem;
pub mod reason;
pub mod reference;
pub mod text;

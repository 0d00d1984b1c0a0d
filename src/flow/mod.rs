//! The business: one verb a file, one transaction each; reads as what the people do.

pub mod amend;
pub mod assign;
pub mod cancel;
pub mod commit;
pub mod declare;
pub mod directive;
pub mod draw;
pub mod feed;
mod freeze;
pub mod import;
pub mod inspect;
pub mod keys;
pub mod learn;
pub mod list;
pub mod look_up;
pub mod offices;
pub mod policy;
pub mod publish;
pub mod rates;
pub mod result_import;
pub mod reveal;
pub mod schedule;
pub mod signal;
pub mod start;
mod take;

//! Replay: what a policy would have drawn and found, day by day over history whose every result is
//! known, or over invented worlds.
//!
//! In reading order: [`World`] holds what was declared and what was found; [`files`] reads it from
//! two files and [`simulate`] invents it; [`play`] closes, aims, draws and reveals one day after
//! another; [`Report`] says what came of it and [`Comparison`] holds two of them side by side. No
//! database, no clock and no chance but the seed: the same seed gives the same answer.

mod aim;
pub mod backtest;
mod compare;
mod engine;
pub mod files;
mod month;
mod refit;
mod report;
pub mod simulate;
mod tally;
mod text;
mod world;

pub use compare::{Comparison, Difference, RulePair, RuleShown};
pub use engine::{Played, Rules, Settings, play};
pub use refit::Refit;
pub use report::{FitReport, Kept, MonthReport, OfficeReport, Report, Shares, Totals};
pub use text::{Text, Texts};
pub use world::{Declared, Known, Pasts, Truth, World};

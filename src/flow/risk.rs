//! The risk score at work: fitted from lessons, approved by a second person, turned into the factors
//! of a frame, explained, and recomputed for whoever doubts it. The mathematics is in
//! `statistics::risk`.
//!
//! A model is fitted by a *recipe*. Whoever fits one by a new recipe proposes it; another person
//! activates it and with it the recipe; from then on a fit each night by that recipe takes its place
//! by itself.

mod activate;
mod assess;
mod backtest;
mod explain;
mod file;
mod fit;
mod past;
mod read;
mod refit;
mod scale;
mod scorer;
mod sheet;

pub use activate::{activate, withdraw};
pub use assess::{AssessedScore, Assessment, Frozen, Profile, assess, profile};
pub use backtest::{Backtest, Rival};
pub use explain::{Explained, explain};
pub use file::{FileRow, FileScores};
pub use fit::fit;
pub(super) use past::{Past, Pasts};
pub use read::{Fitted, Summary, find, list};
pub use refit::refit;

pub(super) use scale::prepare;
pub(super) use scorer::{Scorer, contributions};
pub(super) use sheet::Sheet;

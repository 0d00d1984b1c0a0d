//! The risk score: what past results say about the next declaration, with its reasons.
//!
//! A crossed random-effects logistic regression. The log-odds of failing are an intercept plus one
//! effect per factor; effects are shrunk towards 0 by as much as the results of their level are
//! few. In reading order: [`Facts`] and [`Lesson`] are what is seen and learned from, [`History`]
//! labels them with the exporter's past, [`fit()`] makes a [`Model`] after a [`Recipe`], the model
//! gives a [`Score`], [`calibrate`] turns scores into risk factors, [`judge()`] says how good they
//! were.

mod choose;
mod factor;
mod facts;
mod fit;
mod history;
mod judge;
mod label;
mod level;
mod marginal;
mod model;
mod number;
mod ranking;
mod recalibrate;
mod recipe;
mod scale;
mod settle;
mod state;
mod streak;
mod weight;

pub use factor::Factor;
pub use facts::{Facts, Lesson};
pub use fit::fit;
pub use history::{History, Outcome, Past};
pub use judge::{Decile, Judgement, Precision, judge};
pub use label::Edges;
pub use model::{Contribution, FittedFactor, LevelEffect, Model, NoEffects, Score};
pub use recalibrate::Recalibration;
pub use recipe::{Recipe, RecipeError, Variances};
pub use scale::{EVEN, FEWEST, Scale, calibrate};
pub use streak::Streak;

//! How a recipe did, as answered.

use crate::flow::risk::{Backtest, Rival};
use crate::statistics::risk::Judgement;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// A recipe judged on results it had not seen. Chance finds `base_rate` at any share of the list.
#[derive(Serialize, ToSchema)]
pub struct BacktestAnswer {
    /// Judged are the results of inspection days from this one on.
    pub split: NaiveDate,
    /// How many earlier results the judged model learned from.
    pub lessons: u64,
    /// All later results.
    pub all_rows: Judged,
    /// Those whose commodity, destination and net weight none had before: what was learned, not
    /// remembered.
    pub new_rows: Judged,
    /// The model that was active then.
    pub previous: Option<RivalAnswer>,
}

/// The model that was active before: its recipe, fitted on the same results; where the recipe is the
/// same, the model itself on what became known since.
#[derive(Serialize, ToSchema)]
pub struct RivalAnswer {
    /// The version of that model.
    pub version: i32,
    /// Judged are results of inspection days from this one on.
    pub since: NaiveDate,
    /// All later results.
    pub all_rows: Judged,
    /// The new ones.
    pub new_rows: Judged,
}

/// Measures of scored outcomes.
#[derive(Serialize, ToSchema)]
pub struct Judged {
    /// Scored outcomes.
    pub rows: u64,
    /// Of these, failed.
    pub failed: u64,
    /// What a sample of equal chances finds.
    pub base_rate: Option<f64>,
    /// The chance that a failure had the higher score than a pass; 0.5 is chance.
    pub auc: Option<f64>,
    /// The failure rates of the first 1, 5, 10 and 20 percent of the list.
    pub precision: Vec<PrecisionAt>,
    /// Tenths of the list, the highest scores first.
    pub deciles: Vec<ScoreDecile>,
    /// Mean logarithmic loss.
    pub log_loss: Option<f64>,
    /// Brier score.
    pub brier: Option<f64>,
    /// Intercept of the recalibration; 0 when probabilities mean what they say.
    pub calibration_intercept: Option<f64>,
    /// Slope of the recalibration; 1 when probabilities mean what they say.
    pub calibration_slope: Option<f64>,
}

/// The head of the list.
#[derive(Serialize, ToSchema)]
pub struct PrecisionAt {
    /// The share of the list, in percent.
    pub percent: u32,
    /// As rows.
    pub rows: u64,
    /// Failed of these, as a share.
    pub precision: f64,
}

/// A tenth of the list.
#[derive(Serialize, ToSchema)]
pub struct ScoreDecile {
    /// 1 for the highest scores, to 10.
    pub decile: u32,
    /// Its rows.
    pub rows: u64,
    /// The mean probability that the scores promised.
    pub expected_rate: Option<f64>,
    /// The share that failed.
    pub rate: Option<f64>,
    /// Rate over base rate.
    pub lift: Option<f64>,
}

impl From<Judgement> for Judged {
    fn from(judgement: Judgement) -> Self {
        let precision = judgement.precisions.iter().map(|one| PrecisionAt {
            percent: one.percent,
            rows: one.rows,
            precision: one.precision,
        });
        let deciles = judgement.deciles.iter().map(|one| ScoreDecile {
            decile: one.decile,
            rows: one.rows,
            expected_rate: one.expected_rate,
            rate: one.rate,
            lift: one.lift,
        });
        Self {
            rows: judgement.rows,
            failed: judgement.failed,
            base_rate: judgement.base_rate,
            auc: judgement.auc,
            precision: precision.collect(),
            deciles: deciles.collect(),
            log_loss: judgement.log_loss,
            brier: judgement.brier,
            calibration_intercept: judgement.calibration.map(|line| line.intercept),
            calibration_slope: judgement.calibration.map(|line| line.slope),
        }
    }
}

impl From<Backtest> for BacktestAnswer {
    fn from(backtest: Backtest) -> Self {
        Self {
            split: backtest.split,
            lessons: backtest.lessons,
            all_rows: backtest.all_rows.into(),
            new_rows: backtest.new_rows.into(),
            previous: backtest.previous.map(RivalAnswer::from),
        }
    }
}

impl From<Rival> for RivalAnswer {
    fn from(rival: Rival) -> Self {
        let Rival { version, since, all_rows, new_rows } = rival;
        Self { version, since, all_rows: all_rows.into(), new_rows: new_rows.into() }
    }
}

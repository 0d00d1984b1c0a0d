//! Control charts as sent: JSON and CSV.

use super::tabled::Tabled;
use crate::api::files::{self, Cell, Columns};
use crate::api::rate::RateAnswer;
use crate::domain::period::PeriodKind;
use crate::error::Result;
use crate::flow::chart::{ChartAsk, Charted};
use crate::statistics::Target;
use crate::statistics::chart::{CUSUM_LIMIT, Control, EWMA_LIMIT, NoLimits};
use actix_web::web::Bytes;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// A control chart of failure rates. Of an unchanged process, measured by simulation, some rule signals
/// in about one period of 300 (0.3 %) where true rates do not move, in one of 60 (1.6 %) where they
/// scatter by 30 % without a trend; the method, section "Control charts", has the table.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"period": "month", "from": "2026-10-01", "to": "2026-10-31",
    "baseline": {"kind": "moving", "from": null, "to": null}, "ewma_limit": 0.9533, "cusum_limit": 4.77,
    "items": [{"period": "2026-10", "declared": 1204, "in_frames": 1204, "drawn": 120, "open": 0,
    "provisional": false, "small": false,
    "rate": {"inspected": 118, "failed": 29, "observed_rate": 0.2458, "estimated_rate": 0.2301,
    "standard_error": 0.0388, "ci_low": 0.1543, "ci_high": 0.3241, "effective_n": 101.2,
    "target": "process", "method": "hajek/weighted-clopper-pearson"},
    "limits": {"centre": 0.0962, "low": 0.0048, "high": 0.1876, "exact": false, "sigma": 1.0, "z": 4.39,
    "ewma": 0.91, "cusum_up": 4.1, "cusum_down": 0.0},
    "signals": ["above_limit"], "reason": null, "explanation": null}]}))]
pub struct ControlChart {
    /// How long the periods are.
    pub period: PeriodKind,
    /// First inspection day of the first period.
    pub from: NaiveDate,
    /// Last inspection day of the last period.
    pub to: NaiveDate,
    /// What periods are held against.
    pub baseline: ChartBaseline,
    /// EWMA signals outside ± this.
    pub ewma_limit: f64,
    /// Either CUSUM signals above this.
    pub cusum_limit: f64,
    /// Every period, in order.
    pub items: Vec<ChartedPeriod>,
}

/// What the periods of a chart are held against.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChartBaseline {
    /// `moving`, the twelve periods before each, whose own error the limits allow for; or `fixed`.
    #[schema(value_type = String)]
    pub kind: &'static str,
    /// First period of a fixed baseline.
    pub from: Option<String>,
    /// Last period of a fixed baseline.
    pub to: Option<String>,
}

/// A period of a control chart.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChartedPeriod {
    /// The label of the period.
    #[schema(example = "2026-10")]
    pub period: String,
    /// Declarations not cancelled before their frame closed.
    pub declared: u64,
    /// Of them, in frames.
    pub in_frames: u64,
    /// Declarations drawn.
    pub drawn: u64,
    /// Of them, without a result yet.
    pub open: u64,
    /// Whether rate and signals may still move: results are missing, or the period is not over.
    pub provisional: bool,
    /// Fewer than 30 inspected.
    pub small: bool,
    /// The rate, always of the target `process`.
    pub rate: RateAnswer,
    /// Limits, and where the period stands; null where there are none, and then `reason` says why.
    pub limits: Option<ControlLimits>,
    /// The rules that signal: `above_limit`, `below_limit`, `ewma_high`, `ewma_low`, `cusum_high`,
    /// `cusum_low`.
    #[schema(value_type = Vec<String>)]
    pub signals: Vec<&'static str>,
    /// Why there are no limits: `nothing_inspected`, `no_baseline`, `baseline_not_inspected`,
    /// `baseline_too_short`, `baseline_without_failures` or `baseline_without_passes`.
    #[schema(value_type = Option<String>)]
    pub reason: Option<&'static str>,
    /// The same in words.
    #[schema(value_type = Option<String>)]
    pub explanation: Option<&'static str>,
}

/// The limits of a period, and where it stands between them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ControlLimits {
    /// The rate of the baseline's periods together.
    pub centre: f64,
    /// Lower limit; at 0 nothing can lie below it.
    pub low: f64,
    /// Upper limit; at 1 nothing can lie above it.
    pub high: f64,
    /// Whether the limits are exact binomial ones, as few failures are expected.
    pub exact: bool,
    /// Laney's σ, at least 1: how much more than chance the baseline's periods scatter.
    pub sigma: f64,
    /// How far the rate lies from the centre; ±3 are the limits, unless they are exact.
    pub z: f64,
    /// The moving average of z.
    pub ewma: f64,
    /// The upward sum of z.
    pub cusum_up: f64,
    /// The downward sum of z, positive too.
    pub cusum_down: f64,
}

impl From<&Control> for ControlLimits {
    fn from(control: &Control) -> Self {
        let Control { centre, low, high, exact, sigma, z, ewma, cusum_up, cusum_down, .. } =
            *control;
        Self { centre, low, high, exact, sigma, z, ewma, cusum_up, cusum_down }
    }
}

/// Why there are no limits, in words.
const fn explanation(reason: NoLimits) -> &'static str {
    match reason {
        NoLimits::NothingInspected => "nothing was inspected in the period",
        NoLimits::NoBaseline => "there are no periods to hold it against",
        NoLimits::BaselineNotInspected => "nothing was inspected in the baseline",
        NoLimits::BaselineTooShort => {
            "fewer than six periods of the baseline have inspections: read more of them, or shorter ones"
        }
        NoLimits::BaselineWithoutFailures => {
            "nothing failed in the baseline, which does not tell how far rates scatter: take longer \
             periods or more goods"
        }
        NoLimits::BaselineWithoutPasses => {
            "nothing passed in the baseline, which does not tell how far rates scatter: take longer \
             periods or more goods"
        }
    }
}

/// Fewer inspections than this are marked.
const SMALL: u64 = 30;

impl From<&Charted> for ChartedPeriod {
    fn from(Charted { cell, provisional, control }: &Charted) -> Self {
        let reason = control.as_ref().err().copied();
        let rules = control.iter().flat_map(|control| &control.signals);
        Self {
            period: cell.period.to_string(),
            declared: cell.declared(),
            in_frames: cell.sums.rows,
            drawn: cell.counts.drawn,
            open: cell.counts.open,
            provisional: *provisional,
            small: cell.rate.inspected < SMALL,
            rate: RateAnswer::new(&cell.rate, Target::Process),
            limits: control.as_ref().ok().map(ControlLimits::from),
            signals: rules.map(|rule| rule.name()).collect(),
            reason: reason.map(NoLimits::name),
            explanation: reason.map(explanation),
        }
    }
}

impl ControlChart {
    /// The answer to what was asked.
    pub fn new(ask: &ChartAsk, charted: &[Charted]) -> Self {
        let baseline = ask.baseline;
        Self {
            period: ask.rates.period,
            from: ask.shown.0.first(),
            to: ask.shown.1.last(),
            baseline: ChartBaseline {
                kind: if baseline.is_some() { "fixed" } else { "moving" },
                from: baseline.map(|(from, _)| from.to_string()),
                to: baseline.map(|(_, to)| to.to_string()),
            },
            ewma_limit: EWMA_LIMIT,
            cusum_limit: CUSUM_LIMIT,
            items: charted.iter().map(ChartedPeriod::from).collect(),
        }
    }
}

fn count(count: u64) -> Cell {
    Cell::Text(count.to_string())
}

fn number(number: Option<f64>) -> Cell {
    number.map_or(Cell::Empty, Cell::Number)
}

fn limit(row: &ChartedPeriod, of: impl Fn(&ControlLimits) -> f64) -> Cell {
    number(row.limits.as_ref().map(of))
}

fn flag(flag: bool) -> Cell {
    Cell::Text(flag.to_string())
}

const COLUMNS: Columns<ChartedPeriod> = &[
    ("period", |row| row.period.as_str().into()),
    ("declared", |row| count(row.declared)),
    ("in_frames", |row| count(row.in_frames)),
    ("drawn", |row| count(row.drawn)),
    ("open", |row| count(row.open)),
    ("inspected", |row| count(row.rate.inspected)),
    ("failed", |row| count(row.rate.failed)),
    ("estimated_rate", |row| number(row.rate.estimated_rate)),
    ("effective_n", |row| number(row.rate.effective_n)),
    ("centre", |row| limit(row, |limits| limits.centre)),
    ("low", |row| limit(row, |limits| limits.low)),
    ("high", |row| limit(row, |limits| limits.high)),
    ("exact", |row| row.limits.as_ref().map_or(Cell::Empty, |limits| flag(limits.exact))),
    ("sigma", |row| limit(row, |limits| limits.sigma)),
    ("z", |row| limit(row, |limits| limits.z)),
    ("ewma", |row| limit(row, |limits| limits.ewma)),
    ("cusum_up", |row| limit(row, |limits| limits.cusum_up)),
    ("cusum_down", |row| limit(row, |limits| limits.cusum_down)),
    ("signals", |row| row.signals.join(" ").as_str().into()),
    ("reason", |row| row.reason.map(str::to_owned).into()),
    ("provisional", |row| flag(row.provisional)),
    ("small", |row| flag(row.small)),
];

impl Tabled for ControlChart {
    const FILE: &'static str = "control-chart.csv";

    fn csv(&self) -> Result<Bytes> {
        let file = [files::csv_heading(COLUMNS)?, files::csv_rows(COLUMNS, &self.items)?];
        Ok(file.concat().into())
    }
}

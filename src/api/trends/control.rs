//! Control charts as sent: JSON and CSV.

use super::params::filtered;
use crate::api::error::{ApiError, Problems};
use crate::api::files::{self, Cell, Columns, Form};
use crate::api::params::Query;
use crate::api::rate::RateAnswer;
use crate::api::run;
use crate::app::App;
use crate::domain::key::Caller;
use crate::domain::period::PeriodKind;
use crate::domain::problem::Problem;
use crate::flow::chart::{self, ChartAsk, Charted};
use crate::flow::rates::Words;
use crate::statistics::Target;
use crate::statistics::chart::{CUSUM_LIMIT, Control, EWMA_LIMIT, NoLimits};
use actix_web::http::header::VARY;
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

filtered! {
    /// Which chart. A repeated filter means "or"; different filters mean "and".
    pub struct ChartParams {
        /// How long the periods are. They go by the inspection day.
        #[param(example = "month", value_type = PeriodKind)]
        period: String,
        /// First day, or a label of a period; widened to the whole period that it lies in.
        #[param(example = "2026-01")]
        from: String,
        /// Last day, or a label of a period; widened likewise.
        #[param(example = "2026-10")]
        to: String,
        /// First period of a fixed baseline, with `baseline_to`; without both, every period is held
        /// against the twelve before it.
        #[serde(default)]
        #[param(example = "2025-01")]
        baseline_from: Option<String>,
        /// Last period of the fixed baseline.
        #[serde(default)]
        #[param(example = "2025-12")]
        baseline_to: Option<String>,
    }
}

impl ChartParams {
    fn ask(self) -> Result<ChartAsk, Problem> {
        let filters = self.filters();
        let Self { period, from, to, baseline_from, baseline_to, .. } = self;
        let words = Words { period, from, to, filters, ..Words::default() };
        ChartAsk::parse(&words, (baseline_from.as_deref(), baseline_to.as_deref()))
    }
}

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

async fn found(
    app: &web::Data<App>,
    caller: Caller,
    params: ChartParams,
) -> Result<ControlChart, ApiError> {
    let ask = params.ask()?;
    let place = super::place(app, &ask.rates)?;
    run(app, move |app| {
        // Held until the work is done, even where the caller hangs up.
        let _place = place;
        let charted = chart::control_chart(&app.store, &caller, &ask, app.now().date_naive())?;
        Ok(ControlChart::new(&ask, &charted))
    })
    .await
}

/// Gives the control chart of a failure rate: which periods say that the quality behind the goods has
/// changed, and which are noise. Each period is held against the twelve before it, or against a fixed
/// baseline: limits of a p chart with Laney's σ, EWMA and CUSUM. Nothing is split: a chart is of all goods
/// that the filters leave. 24 periods before `from` are read as well, and not shown.
///
/// Charts signal now and then though nothing has changed: measured, some rule does in 0.3 to 0.8 % of
/// periods, and in 1.6 % where true rates scatter by 30 % without a trend.
#[utoipa::path(
    operation_id = "get_control_chart",
    tag = "trends",
    params(ChartParams),
    responses(
        (status = 200, description = "The chart, by period", content(
            (ControlChart = "application/json"), (String = "text/csv")
        )),
        Problems
    )
)]
#[get("/v1/trends/control-chart")]
pub async fn control_chart(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<ChartParams>,
) -> Result<HttpResponse, ApiError> {
    let form = Form::asked(&req, &[Form::Json, Form::Csv])?;
    let chart = found(&app, caller, params.0).await?;
    if form == Form::Csv {
        return csv(&chart);
    }
    Ok(HttpResponse::Ok().insert_header((VARY, "Accept")).json(chart))
}

/// Gives the control chart as a CSV file: one row a period; several signals with spaces between.
#[utoipa::path(
    operation_id = "get_control_chart_file",
    tag = "trends",
    params(ChartParams),
    responses(
        (status = 200, description = "The chart, by period", body = String, content_type = "text/csv"),
        Problems
    )
)]
#[get("/v1/trends/control-chart.csv")]
pub async fn control_chart_file(
    app: web::Data<App>,
    caller: Caller,
    params: Query<ChartParams>,
) -> Result<HttpResponse, ApiError> {
    csv(&found(&app, caller, params.0).await?)
}

fn csv(chart: &ControlChart) -> Result<HttpResponse, ApiError> {
    let mut body = files::csv_heading(COLUMNS)?.to_vec();
    body.extend_from_slice(&files::csv_rows(COLUMNS, &chart.items)?);
    let mut file = files::download("control-chart.csv", files::CSV);
    Ok(file.insert_header((VARY, "Accept")).body(body))
}

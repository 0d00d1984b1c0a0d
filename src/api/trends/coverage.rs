//! Coverage: what the rules asked, what was drawn, what was inspected.

use super::answer::{DirectiveCounts, Labels};
use super::params::filtered;
use super::tabled::{self, Tabled};
use crate::api::error::{ApiError, Problems};
use crate::api::files::{self, harmless};
use crate::api::params::Query;
use crate::api::run;
use crate::app::App;
use crate::domain::key::Caller;
use crate::domain::period::PeriodKind;
use crate::domain::problem::Problem;
use crate::error::Result;
use crate::flow::rates::coverage::{Coverage, Reasons};
use crate::flow::rates::{self, Ask, Label, Words};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

filtered! {
    /// Which coverage. A repeated filter means "or"; different filters mean "and".
    pub struct CoverageParams {
        /// How long the periods are. They go by the inspection day.
        #[param(example = "month", value_type = PeriodKind)]
        period: String,
        /// First day, or the label of the period that begins with it (`2026-W05`, `2026-Q1`).
        #[param(example = "2026-01-01")]
        from: String,
        /// Last day, or the label of the period that ends with it.
        #[param(example = "2026-10-31")]
        to: String,
        /// Splits, repeated or with commas, as failure rates take them.
        #[serde(default)]
        #[param(example = json!(["office"]))]
        split_by: Vec<String>,
    }
}

impl CoverageParams {
    fn ask(self) -> Result<Ask, Problem> {
        let filters = self.filters();
        let Self { period, from, to, split_by, .. } = self;
        Ask::parse(&Words { period, target: None, from, to, split_by, filters })
    }
}

/// The coverage asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"period": "month", "split_by": ["office"], "from": "2026-01-01",
    "to": "2026-10-31", "items": [{"period": "2026-01", "office": "CNTAO", "declared": 1204,
    "in_frames": 1204, "not_in_frame": 0, "drawn": 120, "inspected": 118, "open": 0,
    "not_inspected": 2, "reasons": {"goods_left": 1, "no_access": 0, "office_closed": 0, "other": 0,
    "cancelled": 1}, "directive": {"drawn": 3, "inspected": 3, "failed": 1},
    "target_proportion": 0.105, "expected_size": 120.4, "expected_proportion": 0.1,
    "drawn_proportion": 0.0997, "inspected_proportion": 0.098, "floor_share": 0.02,
    "office_days": 21, "shrunk_days": 2, "given_share": 0.95}]}))]
pub struct CoverageAnswer {
    /// How long the periods are.
    pub period: PeriodKind,
    /// The splits, each a field of every item.
    #[schema(value_type = Vec<String>)]
    pub split_by: Vec<&'static str>,
    /// First inspection day.
    pub from: NaiveDate,
    /// Last inspection day.
    pub to: NaiveDate,
    /// By period, then by labels in the order of the splits, bytewise.
    pub items: Vec<CoverageItem>,
}

/// Why drawn goods were not inspected; the results in force.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct NotInspectedCounts {
    /// They had left.
    pub goods_left: u64,
    /// Nobody could get to them.
    pub no_access: u64,
    /// The office was closed.
    pub office_closed: u64,
    /// Another reason.
    pub other: u64,
    /// The declaration was cancelled after it was drawn.
    pub cancelled: u64,
}

impl From<Reasons> for NotInspectedCounts {
    fn from(reasons: Reasons) -> Self {
        let Reasons { goods_left, no_access, office_closed, other, cancelled } = reasons;
        Self { goods_left, no_access, office_closed, other, cancelled }
    }
}

/// The coverage of one period under one set of labels; shares of 1, null where nothing is in frames.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoverageItem {
    /// The label of the period.
    #[schema(example = "2026-01")]
    pub period: String,
    /// Its labels.
    #[serde(flatten)]
    pub labels: Labels,
    /// What was reached.
    #[serde(flatten)]
    pub reached: Reached,
    /// The labels in the order of the splits.
    #[serde(skip)]
    ordered: Vec<Label>,
}

/// What was declared, drawn and inspected, against what the rules asked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reached {
    /// Declarations not cancelled before their frame closed.
    pub declared: u64,
    /// Of them, in frames.
    pub in_frames: u64,
    /// Of them, in no frame yet.
    pub not_in_frame: u64,
    /// Declarations drawn.
    pub drawn: u64,
    /// Of them, inspected.
    pub inspected: u64,
    /// Of them, without a result yet.
    pub open: u64,
    /// Of them, found impossible to inspect.
    pub not_inspected: u64,
    /// Of these, by reason.
    pub reasons: NotInspectedCounts,
    /// Of those drawn, by order.
    pub directive: DirectiveCounts,
    /// Mean proportion of the rules over all rows of the frames: what the rules asked, before risk,
    /// floor, orders and shrinking.
    pub target_proportion: Option<f64>,
    /// Sum of the inclusion probabilities: as many as are drawn on average.
    pub expected_size: f64,
    /// The same as a share of the rows of the frames.
    pub expected_proportion: Option<f64>,
    /// Drawn, as a share of the rows of the frames.
    pub drawn_proportion: Option<f64>,
    /// Inspected, as a share of the rows of the frames.
    pub inspected_proportion: Option<f64>,
    /// Rows left to chance that asked for no more than the floor, as a share of all.
    pub floor_share: Option<f64>,
    /// Days of offices with rows of the cell in their frames.
    pub office_days: u64,
    /// Of them, days that asked for more than the office can do and were shrunk.
    pub shrunk_days: u64,
    /// Sum of the chances given on these days (whole days, without directives) as a share of those
    /// asked.
    pub given_share: Option<f64>,
}

impl Reached {
    /// What a cell reached.
    pub fn new(coverage: &Coverage) -> Self {
        let Coverage { cell, asked, shrinking } = coverage;
        let share = |part: u64| crate::api::rate::share(part, cell.sums.rows);
        Self {
            declared: cell.declared(),
            in_frames: cell.sums.rows,
            not_in_frame: cell.counts.waiting,
            drawn: cell.counts.drawn,
            inspected: cell.sums.n,
            open: cell.counts.open,
            not_inspected: cell.counts.not_inspected,
            reasons: asked.reasons.into(),
            directive: cell.counts.directive.into(),
            target_proportion: asked.target_proportion(),
            expected_size: asked.expected_size(),
            expected_proportion: asked.expected_proportion(),
            drawn_proportion: share(cell.counts.drawn),
            inspected_proportion: share(cell.sums.n),
            floor_share: asked.floor_share(),
            office_days: shrinking.office_days,
            shrunk_days: shrinking.shrunk_days,
            given_share: shrinking.given_share(),
        }
    }

    /// The row of a file, in the order of [`COLUMNS`].
    fn numbers(&self) -> Vec<String> {
        let NotInspectedCounts { goods_left, no_access, office_closed, other, cancelled } =
            self.reasons;
        let counts = [self.declared, self.in_frames, self.not_in_frame, self.drawn, self.inspected];
        let counts = counts.into_iter().chain([self.open, self.not_inspected, goods_left]);
        let counts = counts.chain([no_access, office_closed, other, cancelled]);
        let directive = [self.directive.drawn, self.directive.inspected, self.directive.failed];
        let shares = [self.target_proportion, Some(self.expected_size), self.expected_proportion];
        let shares = shares.into_iter().chain([self.drawn_proportion, self.inspected_proportion]);
        let text = |share: Option<f64>| share.map(|share| share.to_string()).unwrap_or_default();
        counts
            .chain(directive)
            .map(|count| count.to_string())
            .chain(shares.chain([self.floor_share]).map(text))
            .chain([self.office_days.to_string(), self.shrunk_days.to_string()])
            .chain([text(self.given_share)])
            .collect()
    }
}

/// The columns of the file after period and labels.
const COLUMNS: [&str; 24] = [
    "declared",
    "in_frames",
    "not_in_frame",
    "drawn",
    "inspected",
    "open",
    "not_inspected",
    "goods_left",
    "no_access",
    "office_closed",
    "other",
    "cancelled",
    "directive_drawn",
    "directive_inspected",
    "directive_failed",
    "target_proportion",
    "expected_size",
    "expected_proportion",
    "drawn_proportion",
    "inspected_proportion",
    "floor_share",
    "office_days",
    "shrunk_days",
    "given_share",
];

impl CoverageItem {
    /// The labels in the order of the splits; empty for null.
    pub fn ordered_labels(&self) -> impl Iterator<Item = &str> {
        self.ordered.iter().map(|label| label.as_deref().unwrap_or_default())
    }
}

impl CoverageAnswer {
    /// The answer to what was asked.
    pub fn new(ask: &Ask, items: &[Coverage]) -> Self {
        let item = |coverage: &Coverage| CoverageItem {
            period: coverage.cell.period.to_string(),
            labels: Labels::new(&ask.split_by, &coverage.cell.labels),
            reached: Reached::new(coverage),
            ordered: coverage.cell.labels.clone(),
        };
        Self {
            period: ask.period,
            split_by: ask.split_by.iter().map(|split| split.as_str()).collect(),
            from: ask.days.0,
            to: ask.days.1,
            items: items.iter().map(item).collect(),
        }
    }
}

impl Tabled for CoverageAnswer {
    const FILE: &'static str = "coverage.csv";

    fn csv(&self) -> Result<Bytes> {
        let head = ["period"].into_iter().chain(self.split_by.iter().copied()).chain(COLUMNS);
        let row = |item: &CoverageItem| {
            let labels = item.ordered_labels().map(harmless);
            let period = [item.period.clone()].into_iter();
            period.chain(labels).chain(item.reached.numbers()).collect()
        };
        let head = head.map(str::to_owned).collect();
        files::csv([head].into_iter().chain(self.items.iter().map(row)))
    }
}

async fn found(
    app: &web::Data<App>,
    caller: Caller,
    params: CoverageParams,
) -> Result<CoverageAnswer, ApiError> {
    let ask = params.ask()?;
    let place = app.detail_reader()?;
    run(app, move |app| {
        // Held until the work is done, even where the caller hangs up.
        let _place = place;
        Ok(CoverageAnswer::new(&ask, &rates::coverage(&app.store, &caller, &ask)?))
    })
    .await
}

/// Gives coverage by period: what was declared, what the rules asked, what was drawn and inspected,
/// why the rest was not, and how many days had to be shrunk. As `text/csv`, where `Accept` prefers it,
/// the same as a file. It reads the frames, so two such requests are worked on at a time.
#[utoipa::path(
    operation_id = "get_coverage",
    tag = "trends",
    params(CoverageParams),
    responses(
        (status = 200, description = "Coverage, by period and labels", content(
            (CoverageAnswer = "application/json"), (String = "text/csv")
        )),
        Problems
    )
)]
#[get("/v1/trends/coverage")]
pub async fn get_all(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<CoverageParams>,
) -> Result<HttpResponse, ApiError> {
    let form = tabled::form(&req)?;
    tabled::answer(form, &found(&app, caller, params.0).await?)
}

/// Gives coverage as a CSV file: one row a cell, one column a split.
#[utoipa::path(
    operation_id = "get_coverage_file",
    tag = "trends",
    params(CoverageParams),
    responses(
        (status = 200, description = "Coverage, by period and labels", body = String, content_type = "text/csv"),
        Problems
    )
)]
#[get("/v1/trends/coverage.csv")]
pub async fn download(
    app: web::Data<App>,
    caller: Caller,
    params: Query<CoverageParams>,
) -> Result<HttpResponse, ApiError> {
    tabled::file(&found(&app, caller, params.0).await?)
}

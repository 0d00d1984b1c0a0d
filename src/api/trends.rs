//! Trends: failure rates of periods, charts of them, why they changed, who inspected.

mod answer;
mod change;
mod charted;
mod control;
pub mod coverage;
pub mod defects;
pub mod inspectors;
mod params;
mod results;
mod tabled;
pub mod why;

pub use answer::{CellAnswer, FailureRates, SMALL};
pub use change::{ChangeVerdict, CompareName, RateBefore, RateChange};
pub use charted::{ChartedPeriod, ControlChart};
pub use control::{control_chart, control_chart_file};
pub use coverage::CoverageAnswer;
pub use defects::DefectsAnswer;
pub use results::results_file;

use crate::api::error::{ApiError, Problems};
use crate::api::params::Query;
use crate::api::rate::TargetName;
use crate::api::run;
use crate::app::App;
use crate::domain::key::Caller;
use crate::domain::period::PeriodKind;
use crate::domain::problem::Problem;
use crate::flow::rates::{self, Ask, Question, Words};
use actix_web::{HttpRequest, HttpResponse, get, web};
use params::filtered;
use tokio::sync::OwnedSemaphorePermit;

filtered! {
    /// Which failure rates. A repeated filter means "or"; different filters mean "and".
    pub struct RateParams {
        /// How long the periods are. They go by the inspection day.
        #[param(example = "month", value_type = PeriodKind)]
        period: String,
        /// First day, or the label of the period that begins with it (`2026-W05`, `2026-Q1`).
        #[param(example = "2026-01-01")]
        from: String,
        /// Last day, or the label of the period that ends with it.
        #[param(example = "2026-10-31")]
        to: String,
        /// Splits, repeated or with commas: region, grouping, country, office, province, exporter,
        /// campaign, chapter, heading, subheading, selection. Groupings and campaigns overlap: their
        /// cells do not add up.
        #[serde(default)]
        #[param(example = json!(["region"]))]
        split_by: Vec<String>,
        /// What the rates speak of; `declarations` unless said otherwise, and always `process` with
        /// `compare`.
        #[serde(default)]
        #[param(value_type = Option<TargetName>)]
        target: Option<String>,
        /// What each period is compared with: the same period a year before (of a part, the same
        /// part), or the whole period before. Periods of both ranges count to the 10,000 cells.
        #[serde(default)]
        #[param(value_type = Option<CompareName>)]
        compare: Option<String>,
    }
}

impl RateParams {
    fn question(self) -> Result<Question, Problem> {
        let filters = self.filters();
        let Self { period, target, from, to, split_by, compare, .. } = self;
        let words = Words { period, target, from, to, split_by, filters };
        Question::parse(&words, compare.as_deref())
    }
}

/// Claims one of the few places for rates in detail; others need none.
///
/// # Errors
/// [`Code::Busy`] while all are taken.
pub(super) fn place(app: &App, ask: &Ask) -> Result<Option<OwnedSemaphorePermit>, Problem> {
    if !ask.may_read_rows() {
        return Ok(None);
    }
    let place = app.detail_reader()?;
    Ok(Some(place))
}

async fn found(
    app: &web::Data<App>,
    caller: Caller,
    params: RateParams,
) -> Result<FailureRates, ApiError> {
    let question = params.question()?;
    // Either range may be one that is read row by row.
    let place = match question.before() {
        Some(before) if before.may_read_rows() => place(app, &before)?,
        _ => place(app, &question.ask)?,
    };
    run(app, move |app| {
        // Held until the work is done, even where the caller hangs up.
        let _place = place;
        let rates = rates::report(&app.store, &caller, &question)?;
        Ok(FailureRates::new(&question, &rates))
    })
    .await
}

/// Gives the failure rates of periods, weighted back to all declarations, each with its 95 %
/// interval and a sentence that says it. With `compare` each stands beside the rate of a year or a period
/// before, with the change, its interval and a verdict. A period without declarations has `declared` 0,
/// and `rate` is empty where nothing was inspected. As `text/csv`, where `Accept` prefers it, the same as a file. Two requests by grouping,
/// country or commodity code are worked on at a time; a third is told that the service is busy.
#[utoipa::path(
    operation_id = "get_failure_rates",
    tag = "trends",
    params(RateParams),
    responses(
        (status = 200, description = "The rates, by period and labels", content(
            (FailureRates = "application/json"), (String = "text/csv")
        )),
        Problems
    )
)]
#[get("/v1/trends/failure-rates")]
pub async fn failure_rates(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<RateParams>,
) -> Result<HttpResponse, ApiError> {
    let form = tabled::form(&req)?;
    tabled::answer(form, &found(&app, caller, params.0).await?)
}

/// Gives the failure rates as a CSV file: one row a cell, one column a split.
#[utoipa::path(
    operation_id = "get_failure_rates_file",
    tag = "trends",
    params(RateParams),
    responses(
        (status = 200, description = "The rates, by period and labels", body = String, content_type = "text/csv"),
        Problems
    )
)]
#[get("/v1/trends/failure-rates.csv")]
pub async fn failure_rates_file(
    app: web::Data<App>,
    caller: Caller,
    params: Query<RateParams>,
) -> Result<HttpResponse, ApiError> {
    tabled::file(&found(&app, caller, params.0).await?)
}

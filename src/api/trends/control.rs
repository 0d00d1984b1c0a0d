//! The control chart of a failure rate.

use super::charted::ControlChart;
use super::params::filtered;
use super::tabled;
use crate::api::error::{ApiError, Problems};
use crate::api::params::Query;
use crate::api::run;
use crate::app::App;
use crate::domain::key::Caller;
use crate::domain::period::PeriodKind;
use crate::domain::problem::Problem;
use crate::flow::chart::{self, ChartAsk};
use crate::flow::rates::Words;
use actix_web::{HttpRequest, HttpResponse, get, web};

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
    let form = tabled::form(&req)?;
    tabled::answer(form, &found(&app, caller, params.0).await?)
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
    tabled::file(&found(&app, caller, params.0).await?)
}

//! Trends: failure rates of periods.

mod answer;

pub use answer::{CellAnswer, FailureRates};

use crate::api::error::{ApiError, Problems};
use crate::api::files::{self, Form};
use crate::api::params::Query;
use crate::api::rate::TargetName;
use crate::api::run;
use crate::app::App;
use crate::domain::key::Caller;
use crate::domain::period::PeriodKind;
use crate::domain::problem::Problem;
use crate::flow::rates::{self, Ask, Words};
use actix_web::http::header::VARY;
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::IntoParams;

/// Which failure rates. A repeated filter means "or"; different filters mean "and".
#[derive(Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
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
    /// Splits, repeated or with commas: region, grouping, country, office, province, exporter, campaign,
    /// chapter, heading, subheading, selection. Groupings and campaigns overlap: their cells do not add
    /// up.
    #[serde(default)]
    #[param(example = json!(["region"]))]
    split_by: Vec<String>,
    /// Reporting regions.
    #[serde(default)]
    region: Vec<String>,
    /// Groupings, by their members of each day.
    #[serde(default)]
    grouping: Vec<String>,
    /// Destination countries, alpha-2.
    #[serde(default)]
    country: Vec<String>,
    /// Commodity prefixes, 1 to 10 digits.
    #[serde(default)]
    commodity: Vec<String>,
    /// Offices.
    #[serde(default)]
    office: Vec<String>,
    /// Provinces of the offices.
    #[serde(default)]
    province: Vec<String>,
    /// Exporters.
    #[serde(default)]
    exporter: Vec<String>,
    /// Campaigns: the goods in their scope, of all days that are asked for.
    #[serde(default)]
    campaign: Vec<String>,
    /// `random` or `directive`; leaves out what is in no frame yet.
    #[serde(default)]
    selection: Vec<String>,
    /// What the rates speak of; `declarations` unless said otherwise.
    #[serde(default)]
    #[param(value_type = Option<TargetName>)]
    target: Option<String>,
}

impl RateParams {
    fn ask(self) -> Result<Ask, Problem> {
        let words = Words {
            period: self.period,
            target: self.target,
            from: self.from,
            to: self.to,
            split_by: self.split_by,
            region: self.region,
            grouping: self.grouping,
            country: self.country,
            commodity: self.commodity,
            office: self.office,
            province: self.province,
            exporter: self.exporter,
            campaign: self.campaign,
            selection: self.selection,
        };
        Ask::parse(&words)
    }
}

/// Claims one of the few places for rates in detail; others need none.
///
/// # Errors
/// [`Code::Busy`] while all are taken.
fn place(app: &App, ask: &Ask) -> Result<Option<OwnedSemaphorePermit>, Problem> {
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
    let ask = params.ask()?;
    let place = place(app, &ask)?;
    run(app, move |app| {
        // Held until the work is done, even where the caller hangs up.
        let _place = place;
        let cells = rates::failure_rates(&app.store, &caller, &ask)?;
        Ok(FailureRates::new(&ask, &cells))
    })
    .await
}

/// Gives the failure rates of periods, weighted back to all declarations, each with its 95 %
/// interval. Only periods and labels with declarations are listed; `rate` is empty where nothing was
/// inspected. As `text/csv`, where `Accept` prefers it, the same as a file. Two requests by grouping,
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
    let form = Form::asked(&req, &[Form::Json, Form::Csv])?;
    let rates = found(&app, caller, params.0).await?;
    if form == Form::Csv {
        return csv(&rates);
    }
    Ok(HttpResponse::Ok().insert_header((VARY, "Accept")).json(rates))
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
    csv(&found(&app, caller, params.0).await?)
}

/// At most some thousand rows, so the file is made whole.
fn csv(rates: &FailureRates) -> Result<HttpResponse, ApiError> {
    let mut file = files::download("failure-rates.csv", files::CSV);
    Ok(file.insert_header((VARY, "Accept")).body(rates.csv()?))
}

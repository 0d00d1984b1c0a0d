//! Reports of months and years: live, or as they were published.

mod document;
mod sheets;

pub use document::{Report, write};

use crate::api::error::{ApiError, Problems};
use crate::api::files::{self, Form, Sheet};
use crate::api::run;
use crate::app::App;
use crate::domain::figures::{Erratum, canonical};
use crate::domain::key::Caller;
use crate::domain::period::PeriodKind;
use crate::error::{Error, Result};
use crate::flow::report::{self, Edition};
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, VARY};
use actix_web::{HttpRequest, HttpResponse, get, put, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A report, and whether it is published.
#[derive(Serialize, ToSchema)]
pub struct ReportAnswer {
    /// The report: as published, where it is; else live.
    pub report: Report,
    /// Its publication; null for a live report.
    pub publication: Option<ReportPublication>,
    /// Every figure that is another now than was published, by pointer. The report itself stays.
    pub errata: Vec<Erratum>,
}

/// The publication of a report.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"sha256": "9f2c…", "published_at": "2026-11-03T02:10:00Z",
    "published_by": "manager of all offices"}))]
pub struct ReportPublication {
    /// SHA-256 of the RFC 8785 text of `report`, which is how it stands in the answer.
    pub sha256: String,
    /// When.
    pub published_at: DateTime<Utc>,
    /// Who.
    pub published_by: String,
}

/// An edition as the doors give it.
pub struct Printed(Edition);

impl Printed {
    /// An edition.
    pub const fn new(edition: Edition) -> Self {
        Self(edition)
    }

    fn publication(&self) -> Option<ReportPublication> {
        self.0.publication.as_ref().map(|published| ReportPublication {
            sha256: published.sha256.clone(),
            published_at: published.published_at,
            published_by: published.published_by.clone(),
        })
    }

    fn values(&self) -> Result<(Value, Value)> {
        let inner = |error: serde_json::Error| Error::Inner(error.into());
        let report = serde_json::from_str(&self.0.text).map_err(inner)?;
        let publication = serde_json::to_value(self.publication()).map_err(inner)?;
        Ok((report, publication))
    }

    /// The answer in JSON; the report stands in it byte for byte as it was hashed.
    ///
    /// # Errors
    /// None: it was made here.
    pub fn json(&self) -> Result<String> {
        let (_, publication) = self.values()?;
        let errata =
            serde_json::to_value(&self.0.errata).map_err(|error| Error::Inner(error.into()))?;
        let (errata, publication) = (canonical(&errata), canonical(&publication));
        let report = &self.0.text;
        Ok(format!(r#"{{"errata":{errata},"publication":{publication},"report":{report}}}"#))
    }

    /// A row a figure.
    ///
    /// # Errors
    /// None: it was made here.
    pub fn csv(&self) -> Result<Vec<u8>> {
        let (report, publication) = self.values()?;
        sheets::csv(&report, &publication, &self.0.errata)
    }

    /// A workbook: summary, months, regions, offices, provinces, campaigns, defects, errata.
    ///
    /// # Errors
    /// None: it was made here.
    pub fn xlsx(&self) -> Result<Vec<u8>> {
        let (report, publication) = self.values()?;
        let sheets: Vec<Sheet> = sheets::sheets(&report, &publication, &self.0.errata);
        files::book(&sheets)
    }

    fn answer(&self, code: StatusCode) -> Result<HttpResponse> {
        let mut answer = HttpResponse::build(code);
        answer.content_type("application/json").insert_header((VARY, "Accept"));
        if let Some(published) = &self.0.publication {
            answer.insert_header((ETAG, format!("\"{}\"", published.sha256)));
        }
        Ok(answer.body(self.json()?))
    }

    fn file(&self, name: &str, form: Form) -> Result<HttpResponse> {
        let (name, media, bytes) = match form {
            Form::Xlsx => (format!("report-{name}.xlsx"), files::XLSX, self.xlsx()?),
            Form::Csv | Form::Json => (format!("report-{name}.csv"), files::CSV, self.csv()?),
        };
        Ok(files::download(&name, media).insert_header((VARY, "Accept")).body(bytes))
    }
}

async fn read(
    app: &web::Data<App>,
    caller: Caller,
    kind: PeriodKind,
    label: String,
    form: Form,
) -> Result<HttpResponse, ApiError> {
    let place = app.detail_reader()?;
    let (edition, label) = run(app, move |app| {
        // Held until the work is done, even where the caller hangs up.
        let _place = place;
        let now = app.now();
        let period = report::period(kind, &label, now)?;
        Ok((report::read(&app.store, &caller, period, now, write)?, label))
    })
    .await?;
    let printed = Printed::new(edition);
    Ok(match form {
        Form::Json => printed.answer(StatusCode::OK)?,
        form => printed.file(&label, form)?,
    })
}

async fn publish(
    app: &web::Data<App>,
    caller: Caller,
    kind: PeriodKind,
    label: String,
) -> Result<HttpResponse, ApiError> {
    let place = app.detail_reader()?;
    let (edition, new) = run(app, move |app| {
        let _place = place;
        let now = app.now();
        let period = report::period(kind, &label, now)?;
        report::publish(&app.store, &caller, period, now, write)
    })
    .await?;
    let code = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(Printed::new(edition).answer(code)?)
}

const FORMS: &[Form] = &[Form::Json, Form::Csv, Form::Xlsx];

/// Gives the report of a month: figures with intervals, of everything, by region, office and province,
/// against the year before; coverage, defects, performance, what the public is told about the draws.
/// As published, where it is, with what moved since; else live. A key of some offices gets a live report
/// of those, labelled in `scope`. Two reports are made at a time.
#[utoipa::path(
    operation_id = "get_monthly_report",
    tag = "reports",
    params(("month" = String, Path, description = "The month", example = "2026-10")),
    responses(
        (status = 200, description = "The report", content(
            (ReportAnswer = "application/json"), (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        Problems
    )
)]
#[get("/v1/reports/monthly/{month}")]
pub async fn monthly(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    month: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let form = Form::asked(&req, FORMS)?;
    read(&app, caller, PeriodKind::Month, month.into_inner(), form).await
}

/// Gives the report of a month as a CSV file: a row a figure.
#[utoipa::path(
    operation_id = "get_monthly_report_csv",
    tag = "reports",
    params(("month" = String, Path, description = "The month", example = "2026-10")),
    responses((status = 200, description = "The report", body = String, content_type = "text/csv"), Problems)
)]
#[get("/v1/reports/monthly/{month}.csv")]
pub async fn monthly_csv(
    app: web::Data<App>,
    caller: Caller,
    month: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    read(&app, caller, PeriodKind::Month, month.into_inner(), Form::Csv).await
}

/// Gives the report of a month as a workbook, a sheet a part.
#[utoipa::path(
    operation_id = "get_monthly_report_xlsx",
    tag = "reports",
    params(("month" = String, Path, description = "The month", example = "2026-10")),
    responses(
        (status = 200, description = "The report", body = String,
            content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        Problems
    )
)]
#[get("/v1/reports/monthly/{month}.xlsx")]
pub async fn monthly_xlsx(
    app: web::Data<App>,
    caller: Caller,
    month: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    read(&app, caller, PeriodKind::Month, month.into_inner(), Form::Xlsx).await
}

/// Publishes the report of a month that is over: its text is kept byte for byte with its digest, and
/// never changes. Publishing it again changes nothing. Only a key of all offices publishes.
#[utoipa::path(
    operation_id = "put_monthly_report_publication",
    tag = "reports",
    params(("month" = String, Path, description = "The month", example = "2026-10")),
    responses(
        (status = 201, description = "It is published", body = ReportAnswer),
        (status = 200, description = "It was published before", body = ReportAnswer),
        Problems
    )
)]
#[put("/v1/reports/monthly/{month}/publication")]
pub async fn publish_monthly(
    app: web::Data<App>,
    caller: Caller,
    month: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    publish(&app, caller, PeriodKind::Month, month.into_inner()).await
}

/// Gives the report of a year: figures with intervals, of everything, by region, office and province,
/// against the year before; coverage, defects, performance, what the public is told about the draws.
/// As published, where it is, with what moved since; else live. A key of some offices gets a live report
/// of those, labelled in `scope`. Two reports are made at a time.
#[utoipa::path(
    operation_id = "get_annual_report",
    tag = "reports",
    params(("year" = String, Path, description = "The year", example = "2026")),
    responses(
        (status = 200, description = "The report", content(
            (ReportAnswer = "application/json"), (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        Problems
    )
)]
#[get("/v1/reports/annual/{year}")]
pub async fn annual(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    year: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let form = Form::asked(&req, FORMS)?;
    read(&app, caller, PeriodKind::Year, year.into_inner(), form).await
}

/// Gives the report of a year as a CSV file: a row a figure.
#[utoipa::path(
    operation_id = "get_annual_report_csv",
    tag = "reports",
    params(("year" = String, Path, description = "The year", example = "2026")),
    responses((status = 200, description = "The report", body = String, content_type = "text/csv"), Problems)
)]
#[get("/v1/reports/annual/{year}.csv")]
pub async fn annual_csv(
    app: web::Data<App>,
    caller: Caller,
    year: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    read(&app, caller, PeriodKind::Year, year.into_inner(), Form::Csv).await
}

/// Gives the report of a year as a workbook, a sheet a part.
#[utoipa::path(
    operation_id = "get_annual_report_xlsx",
    tag = "reports",
    params(("year" = String, Path, description = "The year", example = "2026")),
    responses(
        (status = 200, description = "The report", body = String,
            content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        Problems
    )
)]
#[get("/v1/reports/annual/{year}.xlsx")]
pub async fn annual_xlsx(
    app: web::Data<App>,
    caller: Caller,
    year: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    read(&app, caller, PeriodKind::Year, year.into_inner(), Form::Xlsx).await
}

/// Publishes the report of a year that is over: its text is kept byte for byte with its digest, and
/// never changes. Publishing it again changes nothing. Only a key of all offices publishes.
#[utoipa::path(
    operation_id = "put_annual_report_publication",
    tag = "reports",
    params(("year" = String, Path, description = "The year", example = "2025")),
    responses(
        (status = 201, description = "It is published", body = ReportAnswer),
        (status = 200, description = "It was published before", body = ReportAnswer),
        Problems
    )
)]
#[put("/v1/reports/annual/{year}/publication")]
pub async fn publish_annual(
    app: web::Data<App>,
    caller: Caller,
    year: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    publish(&app, caller, PeriodKind::Year, year.into_inner()).await
}

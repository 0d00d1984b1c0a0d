//! Inspections: what was found, one by one and as a list.

use crate::api::body::Json;
use crate::api::error::{ApiError, Problems};
use crate::api::files::{self, Cell, Columns, Form};
use crate::api::page::{self, Ask, Page};
use crate::api::params::Query;
use crate::api::run;
use crate::app::App;
use crate::domain::chain::Receipt;
use crate::domain::day::{self, Day};
use crate::domain::draw::SampleItem;
use crate::domain::inspection::{FindingBody, Inspection, InspectionBody, Outcome};
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::flow;
use crate::flow::inspect::{Made, Recorded};
use crate::store::inspections::{Filter, Place};
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder, get, put, web};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use futures_util::Stream;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// An inspection with the result in force.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0198c5a0-0000-7000-8000-000000000000", "item": "CNTAO-20261124-1/7",
    "office": "CNTAO", "day": "2026-11-24", "declaration_number": "EXP-2026-0001", "inspector": "insp-07",
    "outcome": "fail", "not_inspected_reason": null, "inspected_at": "2026-11-24T02:05:00Z",
    "units_inspected": 32, "units_nonconforming": 1,
    "defects": [{"code": "label-missing", "class": "major", "count": 1}], "note": null,
    "assignee": "insp-07", "recorded_at": "2026-11-24T02:06:11Z", "recorded_by": "key:0123456789abcdef",
    "amendments": 0, "amended_at": null, "receipt": {"sequence": 816, "head": "60303ae2…"}}))]
pub struct InspectionAnswer {
    /// Its id.
    pub id: Uuid,
    /// Draw id `/` position.
    #[schema(example = "CNTAO-20261124-1/7")]
    pub item: String,
    /// The office.
    pub office: String,
    /// The inspection day of the draw.
    pub day: NaiveDate,
    /// The declaration that was drawn.
    pub declaration_number: String,
    /// The result in force.
    #[serde(flatten)]
    pub finding: FindingBody,
    /// The inspector who was responsible; another may have inspected.
    pub assignee: Option<String>,
    /// When the server recorded it.
    pub recorded_at: DateTime<Utc>,
    /// By which key.
    pub recorded_by: String,
    /// How often it was corrected.
    pub amendments: usize,
    /// When it was last corrected.
    pub amended_at: Option<DateTime<Utc>>,
    /// Its latest place in the office's hash chain; null in lists.
    pub receipt: Option<Receipt>,
}

impl InspectionAnswer {
    fn new(inspection: Inspection, item: SampleItem, receipt: Option<Receipt>) -> Self {
        Self {
            id: inspection.id,
            item: inspection.item_id(),
            finding: inspection.in_force().body(),
            amendments: inspection.amendments.len(),
            amended_at: inspection.amendments.last().map(|amendment| amendment.recorded_at),
            office: inspection.office,
            day: item.day,
            declaration_number: inspection.declaration_number,
            assignee: item.assignee,
            recorded_at: inspection.recorded_at,
            recorded_by: inspection.recorded_by,
            receipt,
        }
    }

    pub(super) fn of(recorded: Recorded) -> Self {
        Self::new(recorded.inspection, recorded.item, Some(recorded.receipt))
    }
}

/// The status code of what was made now, or before.
pub(super) fn status(made: Made) -> StatusCode {
    match made {
        Made::Now => StatusCode::CREATED,
        Made::Before => StatusCode::OK,
    }
}

/// Reads an id; a text that is no UUID names nothing.
pub(super) fn named(id: &str) -> Result<Uuid, Problem> {
    id.parse().map_err(|_| Problem::not_found("inspection", id.escape_debug()))
}

/// Reads an id that the client chose.
pub(super) fn chosen(id: &str) -> Result<Uuid, Problem> {
    let words = || format!("`{}` is no UUID", id.escape_debug());
    id.parse().map_err(|_| Problem::field("/id", Code::IdInvalid, words()))
}

/// Records an inspection under an id of the client's choice, so that a phone may send it again
/// after it was offline. The same again changes nothing (200); an item has one inspection.
#[utoipa::path(
    operation_id = "put_inspection",
    tag = "inspections",
    params(("id" = Uuid, Path, description = "A UUID chosen by the client; version 7 advised", example = "0198c5a0-0000-7000-8000-000000000000")),
    request_body = InspectionBody,
    responses(
        (status = 201, description = "It is recorded", body = InspectionAnswer),
        (status = 200, description = "It was recorded before; here is the result in force", body = InspectionAnswer),
        Problems
    )
)]
#[put("/v1/inspections/{id}")]
pub async fn put(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
    body: Json<InspectionBody>,
) -> Result<HttpResponse, ApiError> {
    let id = chosen(&id)?;
    let (recorded, made) = run(&app, move |app| {
        flow::inspect::record(&app.store, &app.master, &caller, id, &body.0, app.now())
    })
    .await?;
    Ok(HttpResponse::build(status(made)).json(InspectionAnswer::of(recorded)))
}

/// Gives one inspection with the result in force.
#[utoipa::path(
    operation_id = "get_inspection",
    tag = "inspections",
    params(("id" = Uuid, Path, description = "Its id", example = "0198c5a0-0000-7000-8000-000000000000")),
    responses((status = 200, description = "The inspection", body = InspectionAnswer), Problems)
)]
#[get("/v1/inspections/{id}")]
pub async fn get(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let id = named(&id)?;
    let recorded = run(&app, move |app| flow::inspect::find(&app.store, &caller, id)).await?;
    Ok(web::Json(InspectionAnswer::of(recorded)))
}

/// Which inspections. A repeated parameter means "or".
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InspectionParams {
    /// Office codes.
    #[serde(default)]
    office: Vec<String>,
    /// First inspection day.
    #[serde(default, deserialize_with = "day::maybe")]
    from: Option<NaiveDate>,
    /// Last inspection day.
    #[serde(default, deserialize_with = "day::maybe")]
    to: Option<NaiveDate>,
    /// Outcomes in force.
    #[serde(default)]
    outcome: Vec<Outcome>,
    /// Who inspected.
    #[serde(default)]
    inspector: Vec<String>,
    /// Rows of the page, 1 to 500; 50 when left out. A file holds all rows.
    limit: Option<i64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

impl InspectionParams {
    fn filter(&self, caller: &Caller) -> Result<Filter, Problem> {
        caller.scope.narrow_to(&self.office)?;
        Ok(Filter {
            offices: self.office.clone(),
            days: (self.from, self.to),
            outcomes: self.outcome.clone(),
            inspectors: self.inspector.clone(),
        })
    }
}

fn place((inspection, item): &(Inspection, SampleItem)) -> Place {
    // Positions are kept in an i32; an overflow would only end the list.
    let position = i32::try_from(inspection.position).unwrap_or(i32::MAX);
    (item.day, inspection.draw_id.clone(), position)
}

/// Lists inspections of the caller's offices, the latest inspection day first.
#[utoipa::path(
    operation_id = "list_inspections",
    tag = "inspections",
    params(InspectionParams),
    responses(
        (status = 200, description = "A page of inspections; all of them as CSV where `Accept` prefers it", content(
            (Page<InspectionAnswer> = "application/json"),
            (String = "text/csv")
        )),
        Problems
    )
)]
#[get("/v1/inspections")]
pub async fn search(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<InspectionParams>,
) -> Result<HttpResponse, ApiError> {
    let filter = params.0.filter(&caller)?;
    if Form::asked(&req, &[Form::Json, Form::Csv])? == Form::Csv {
        return file(app, caller, filter).await;
    }
    let ask: Ask<(Day, String, i32)> =
        Ask::parse(params.0.limit, params.0.cursor.as_deref(), &filter)?;
    let after = ask.after.clone().map(|(day, draw, position)| (day.0, draw, position));
    let reach = ask.reach();
    let rows = run(&app, move |app| {
        flow::inspect::list(&app.store, &caller, &filter, after.as_ref(), reach)
    })
    .await?;
    let at = |row: &_| {
        let (day, draw, position) = place(row);
        (Day(day), draw, position)
    };
    let page =
        ask.page(rows, at, |(inspection, item)| InspectionAnswer::new(inspection, item, None));
    Ok(page::answer(&req, &page))
}

/// Gives the inspections as CSV, all of them in one stream. Cells that a spreadsheet would take for
/// a formula begin with an apostrophe.
#[utoipa::path(
    operation_id = "download_inspections",
    tag = "inspections",
    params(InspectionParams),
    responses((status = 200, description = "The inspections", content_type = "text/csv", body = String), Problems)
)]
#[get("/v1/inspections.csv")]
pub async fn download(
    app: web::Data<App>,
    caller: Caller,
    params: Query<InspectionParams>,
) -> Result<HttpResponse, ApiError> {
    let filter = params.0.filter(&caller)?;
    file(app, caller, filter).await
}

const COLUMNS: Columns<InspectionAnswer> = &[
    ("id", |i| Cell::Text(i.id.to_string())),
    ("item", |i| i.item.as_str().into()),
    ("office", |i| i.office.as_str().into()),
    ("day", |i| Cell::Text(i.day.to_string())),
    ("declaration_number", |i| i.declaration_number.as_str().into()),
    ("inspector", |i| i.finding.inspector.clone().into()),
    ("assignee", |i| i.assignee.clone().into()),
    ("outcome", |i| i.finding.outcome.as_str().into()),
    ("not_inspected_reason", |i| {
        i.finding.not_inspected_reason.map(|reason| reason.as_str().to_owned()).into()
    }),
    ("inspected_at", |i| i.finding.inspected_at.as_str().into()),
    ("units_inspected", |i| i.finding.units_inspected.map(|units| units.to_string()).into()),
    ("units_nonconforming", |i| i.finding.units_nonconforming.map(|u| u.to_string()).into()),
    ("defects", |i| {
        let defect = |d: &crate::domain::inspection::Defect| {
            format!("{} {} × {}", d.code, d.class.as_str(), d.count)
        };
        Cell::Text(i.finding.defects.iter().map(defect).collect::<Vec<_>>().join("; "))
    }),
    ("note", |i| i.finding.note.clone().into()),
    ("recorded_at", |i| Cell::Text(i.recorded_at.to_rfc3339_opts(SecondsFormat::AutoSi, true))),
    ("amendments", |i| Cell::Text(i.amendments.to_string())),
];

/// Rows that are read at a time for a file.
const BATCH: i64 = 500;

/// A file that is read from the database as it is sent.
async fn file(
    app: web::Data<App>,
    caller: Caller,
    filter: Filter,
) -> Result<HttpResponse, ApiError> {
    let mut reading = Reading { app, caller, filter, after: None, ended: false };
    // The first rows are read before anything is answered: what fails, fails with its own words.
    let first = [files::csv_heading(COLUMNS)?, reading.next().await?.unwrap_or_default()];
    Ok(files::download("inspections.csv", files::CSV).streaming(reading.stream(first.into())))
}

/// How far the reading for a file has come.
struct Reading {
    app: web::Data<App>,
    caller: Caller,
    filter: Filter,
    after: Option<Place>,
    ended: bool,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        if self.ended {
            return Ok(None);
        }
        let (caller, filter, after) =
            (self.caller.clone(), self.filter.clone(), self.after.clone());
        let rows = run(&self.app, move |app| {
            flow::inspect::list(&app.store, &caller, &filter, after.as_ref(), BATCH)
        })
        .await?;
        self.ended = i64::try_from(rows.len()).unwrap_or(0) < BATCH;
        self.after = rows.last().map(place);
        let rows: Vec<_> =
            rows.into_iter().map(|(i, item)| InspectionAnswer::new(i, item, None)).collect();
        Ok(Some(files::csv_rows(COLUMNS, &rows)?))
    }

    fn stream(self, ready: VecDeque<Bytes>) -> impl Stream<Item = Result<Bytes, ApiError>> {
        futures_util::stream::unfold((self, ready), |(mut reading, mut ready)| async move {
            let part = match ready.pop_front() {
                Some(part) => Ok(part),
                None => reading.next().await.transpose()?,
            };
            // A reader that failed does not go on.
            reading.ended |= part.is_err();
            Some((part, (reading, ready)))
        })
    }
}

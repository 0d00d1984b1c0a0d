//! Inspections: what was found, and what corrected it.

use crate::api::body::Json;
use crate::api::error::{ApiError, Problems};
use crate::api::files::{self, Cell, Columns, Form};
use crate::api::page::{self, Ask, Page};
use crate::api::params::Query;
use crate::api::{idempotency, run};
use crate::app::App;
use crate::domain::chain::Receipt;
use crate::domain::day::{self, Day};
use crate::domain::draw::SampleItem;
use crate::domain::inspection::{
    Amendment, AmendmentBody, FindingBody, Inspection, InspectionBody, Outcome, SentInspection,
};
use crate::domain::json;
use crate::domain::key::Caller;
use crate::domain::problem::{Code, FieldError, Problem};
use crate::flow;
use crate::flow::inspect::{Made, Recorded};
use crate::store::inspections::{Filter, Place};
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, put, web};
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

    fn of(recorded: Recorded) -> Self {
        Self::new(recorded.inspection, recorded.item, Some(recorded.receipt))
    }
}

fn status(made: Made) -> StatusCode {
    match made {
        Made::Now => StatusCode::CREATED,
        Made::Before => StatusCode::OK,
    }
}

/// Reads an id; a text that is no UUID names nothing.
fn named(id: &str) -> Result<Uuid, Problem> {
    id.parse().map_err(|_| Problem::not_found("inspection", id.escape_debug()))
}

fn chosen(id: &str) -> Result<Uuid, Problem> {
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
        if let Some(foreign) = self.office.iter().find(|office| !caller.scope.holds(office)) {
            return Err(Problem::not_found("office", foreign));
        }
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

/// One correction.
#[derive(Serialize, ToSchema)]
pub struct AmendmentAnswer {
    /// Counts from 1.
    pub number: u32,
    /// Why.
    pub reason: String,
    /// The whole result as corrected.
    #[serde(flatten)]
    pub finding: FindingBody,
    /// When the server recorded it.
    pub recorded_at: DateTime<Utc>,
    /// By which key.
    pub recorded_by: String,
    /// Its event in the office's hash chain.
    pub sequence: i64,
}

impl From<Amendment> for AmendmentAnswer {
    fn from(amendment: Amendment) -> Self {
        Self {
            number: amendment.number,
            reason: amendment.reason,
            finding: amendment.finding.body(),
            recorded_at: amendment.recorded_at,
            recorded_by: amendment.recorded_by,
            sequence: amendment.chain_sequence,
        }
    }
}

/// Everything that was ever said about an inspection.
#[derive(Serialize, ToSchema)]
pub struct Amendments {
    /// The result as first recorded.
    pub original: FindingBody,
    /// What corrected it, the first one first; the last one is in force.
    pub items: Vec<AmendmentAnswer>,
}

/// Corrects an inspection. What was recorded stays readable; the correction is in force. A result
/// that is in force already is not corrected again (200).
#[utoipa::path(
    operation_id = "create_amendment",
    tag = "inspections",
    params(
        ("id" = Uuid, Path, description = "The inspection", example = "0198c5a0-0000-7000-8000-000000000000"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key again gets the same answer, for 48 hours")
    ),
    request_body = AmendmentBody,
    responses(
        (status = 201, description = "Corrected; here is the result in force", body = InspectionAnswer),
        (status = 200, description = "It says so already", body = InspectionAnswer),
        Problems
    )
)]
#[post("/v1/inspections/{id}/amendments")]
pub async fn post_amendment(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
    body: Json<AmendmentBody>,
) -> Result<HttpResponse, ApiError> {
    let id = named(&id)?;
    let (by, sent) = (caller.clone(), body.0.clone());
    idempotency::once(&app, &req, &caller, &body.0, move |app| {
        let (recorded, made) =
            flow::amend::amend(&app.store, &app.master, &by, id, &sent, app.now())?;
        Ok((status(made), InspectionAnswer::of(recorded)))
    })
    .await
}

/// Gives the original of an inspection and all its corrections.
#[utoipa::path(
    operation_id = "list_amendments",
    tag = "inspections",
    params(("id" = Uuid, Path, description = "The inspection", example = "0198c5a0-0000-7000-8000-000000000000")),
    responses((status = 200, description = "The original and its corrections", body = Amendments), Problems)
)]
#[get("/v1/inspections/{id}/amendments")]
pub async fn get_amendments(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let id = named(&id)?;
    let inspection = run(&app, move |app| flow::amend::history(&app.store, &caller, id)).await?;
    Ok(web::Json(Amendments {
        original: inspection.finding.body(),
        items: inspection.amendments.into_iter().map(AmendmentAnswer::from).collect(),
    }))
}

/// Inspections that were recorded offline.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"inspections": [{"id": "0198c5a0-0000-7000-8000-000000000000",
    "item": "CNTAO-20261124-1/7", "inspector": "insp-07", "outcome": "pass",
    "inspected_at": "2026-11-24T10:05:00+08:00", "units_inspected": 32, "units_nonconforming": 0}]}))]
pub struct BatchRequest {
    /// Up to 500. A row that is wrong does not touch the others.
    #[schema(value_type = Vec<SentInspection>)]
    pub inspections: Vec<serde_json::Value>,
}

/// Most rows of a batch.
const MOST_ROWS: usize = 500;
/// How many times the usual body a batch may be: notes are prose.
const LARGE: usize = 16;

/// What became of one row of a batch.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchOutcome {
    /// It is recorded.
    Created,
    /// It was recorded before.
    Unchanged,
    /// The problem says why not.
    Rejected,
}

/// Why a row was rejected.
#[derive(Serialize, ToSchema)]
pub struct RowProblem {
    /// The stable code.
    pub code: Code,
    /// In words.
    pub detail: String,
    /// The fields at fault; pointers begin at the row.
    pub errors: Vec<FieldError>,
}

/// One row of a batch.
#[derive(Serialize, ToSchema)]
pub struct RowAnswer {
    /// As sent; null where there was none to be read.
    pub id: Option<String>,
    /// As sent.
    pub item: Option<String>,
    /// What became of it.
    pub outcome: BatchOutcome,
    /// Its place in the office's hash chain, unless rejected.
    pub receipt: Option<Receipt>,
    /// Why it was rejected.
    pub problem: Option<RowProblem>,
}

/// The outcome of a batch.
#[derive(Serialize, ToSchema)]
pub struct BatchAnswer {
    /// Rows that are recorded now.
    pub created: usize,
    /// Rows that were recorded before.
    pub unchanged: usize,
    /// Rows with a problem.
    pub rejected: usize,
    /// Every row, in the order sent.
    pub items: Vec<RowAnswer>,
}

/// Records inspections that were taken offline: each row by itself, in one request. Sending a batch
/// again changes nothing.
#[utoipa::path(
    operation_id = "create_inspection_batch",
    tag = "inspections",
    request_body = BatchRequest,
    responses((status = 200, description = "The outcome of every row", body = BatchAnswer), Problems)
)]
#[post("/v1/inspection-batches")]
pub async fn post_batch(
    app: web::Data<App>,
    caller: Caller,
    body: Json<BatchRequest, LARGE>,
) -> Result<impl Responder, ApiError> {
    let sent = body.0.inspections;
    if sent.len() > MOST_ROWS {
        let words = format!("{} rows are more than {MOST_ROWS}: send them in parts", sent.len());
        return Err(Problem::field("/inspections", Code::TooLong, words).into());
    }
    let read: Vec<_> = sent.iter().map(read_row).collect();
    let rows: Vec<_> = read.iter().filter_map(|row| row.as_ref().ok().cloned()).collect();
    let done = run(&app, move |app| {
        flow::inspect::record_all(&app.store, &app.master, &caller, &rows, app.now())
    })
    .await?;
    let mut done = done.into_iter();
    let outcomes = read.into_iter().map(|row| {
        row.and_then(|_| done.next().unwrap_or_else(|| Err(Problem::new(Code::Internal, ""))))
    });
    Ok(web::Json(batch_answer(&sent, outcomes)))
}

fn read_row(row: &serde_json::Value) -> Result<(Uuid, InspectionBody), Problem> {
    let row: SentInspection = json::parse_value(row)?;
    Ok((chosen(&row.id)?, row.inspection()))
}

fn batch_answer(
    sent: &[serde_json::Value],
    outcomes: impl Iterator<Item = Result<(Recorded, Made), Problem>>,
) -> BatchAnswer {
    let mut answer = BatchAnswer { created: 0, unchanged: 0, rejected: 0, items: Vec::new() };
    for (row, outcome) in sent.iter().zip(outcomes) {
        let text = |name| row.get(name).and_then(|value| value.as_str()).map(ToOwned::to_owned);
        let (kind, receipt, problem) = match outcome {
            Ok((recorded, Made::Now)) => (BatchOutcome::Created, Some(recorded.receipt), None),
            Ok((recorded, Made::Before)) => (BatchOutcome::Unchanged, Some(recorded.receipt), None),
            Err(Problem { code, detail, errors }) => {
                (BatchOutcome::Rejected, None, Some(RowProblem { code, detail, errors }))
            }
        };
        *match kind {
            BatchOutcome::Created => &mut answer.created,
            BatchOutcome::Unchanged => &mut answer.unchanged,
            BatchOutcome::Rejected => &mut answer.rejected,
        } += 1;
        let (id, item) = (text("id"), text("item"));
        answer.items.push(RowAnswer { id, item, outcome: kind, receipt, problem });
    }
    answer
}

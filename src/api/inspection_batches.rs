//! Batches of inspections that were taken offline.

use crate::api::body::Json;
use crate::api::error::{ApiError, Problems};
use crate::api::inspections::chosen;
use crate::api::run;
use crate::app::App;
use crate::domain::chain::Receipt;
use crate::domain::inspection::{InspectionBody, SentInspection};
use crate::domain::json;
use crate::domain::key::Caller;
use crate::domain::problem::{Code, FieldError, Problem};
use crate::flow;
use crate::flow::inspect::{Made, Recorded};
use actix_web::{Responder, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

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
pub async fn create(
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

//! Amendments: what corrected an inspection.

use crate::api::body::Json;
use crate::api::error::{ApiError, Problems};
use crate::api::inspections::{InspectionAnswer, named, status};
use crate::api::{idempotency, run};
use crate::app::App;
use crate::domain::inspection::{Amendment, AmendmentBody, FindingBody};
use crate::domain::key::Caller;
use crate::flow;
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

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
pub async fn create(
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
pub async fn list(
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

//! Entropy after the freeze: what auditors commit to, release and open.

use crate::api::body::Json;
use crate::api::draws::DrawAnswer;
use crate::api::error::{ApiError, Problems};
use crate::api::run;
use crate::app::App;
use crate::domain::day;
use crate::domain::draw::DrawState;
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::flow::entropy::Received;
use crate::flow::{self, offices::Put};
use crate::store::entropy::{AuditorCommitment, Given};
use actix_web::{HttpResponse, Responder, get, put, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an auditor commits to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"commitment": "9c1d1f0c6f0c2f7bb0b0c1f2d7d3e4a5968778695a4b3c2d1e0f112233445566"}))]
pub struct AuditorCommitmentRequest {
    /// `H("breeze/v1/auditor-commit", office, day, round, a)`, 64 lowercase hex digits.
    pub commitment: String,
}

/// What an auditor committed to.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"office": "CNTAO", "day": "2026-11-24", "round": 1,
    "commitment": "9c1d1f0c6f0c2f7bb0b0c1f2d7d3e4a5968778695a4b3c2d1e0f112233445566",
    "committed_at": "2026-11-20T08:00:00Z", "committed_by": "key:k1"}))]
pub struct AuditorCommitmentAnswer {
    /// The office.
    pub office: String,
    /// The inspection day.
    pub day: NaiveDate,
    /// The round.
    pub round: u32,
    /// As it was sent.
    pub commitment: String,
    /// When it was taken.
    pub committed_at: DateTime<Utc>,
    /// By which key.
    pub committed_by: String,
}

impl From<AuditorCommitment> for AuditorCommitmentAnswer {
    fn from(known: AuditorCommitment) -> Self {
        let AuditorCommitment {
            office, day, round, commitment, committed_at, committed_by, ..
        } = known;
        Self { office, day, round, commitment, committed_at, committed_by }
    }
}

/// Publishes the commitment of an auditor to one draw, for good; it is listed openly beside ours.
#[utoipa::path(
    operation_id = "put_auditor_commitment",
    tag = "draws",
    params(
        ("office" = String, Path, description = "Code of the office", example = "CNTAO"),
        ("day" = String, Path, description = "The inspection day", example = "2026-11-24"),
        ("round" = u32, Path, description = "The round of the day, from 1", example = 1)
    ),
    request_body = AuditorCommitmentRequest,
    responses(
        (status = 201, description = "It is published", body = AuditorCommitmentAnswer),
        (status = 200, description = "It was published before", body = AuditorCommitmentAnswer),
        Problems
    )
)]
#[put("/v1/auditor-commitments/{office}/{day}/{round}")]
pub async fn commit(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<(String, String, String)>,
    body: Json<AuditorCommitmentRequest>,
) -> Result<impl Responder, ApiError> {
    let (office, day, round) = path.into_inner();
    let draw = (parse_day(&day)?, parse_round(&round)?);
    let (known, put) = run(&app, move |app| {
        let commitment = &body.0.commitment;
        flow::entropy::commit(&app.store, &caller, &office, draw, commitment, app.now())
    })
    .await?;
    let mut answer = match put {
        Put::Created => HttpResponse::Created(),
        Put::Kept => HttpResponse::Ok(),
    };
    Ok(answer.json(AuditorCommitmentAnswer::from(known)))
}

fn parse_day(text: &str) -> Result<NaiveDate, Problem> {
    day::parse(text).map_err(|_| {
        Problem::field("/day", Code::TimeInvalid, format!("`{text}` is no YYYY-MM-DD"))
    })
}

fn parse_round(text: &str) -> Result<u32, Problem> {
    let round = text.parse::<i32>().ok().and_then(|round| u32::try_from(round).ok());
    round.filter(|round| *round > 0).ok_or_else(|| {
        Problem::field("/round", Code::NumberOutOfRange, "rounds count from 1, up to 2,147,483,647")
    })
}

/// Something that was given for a draw.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"value": "2f7bb0b0c1f2d7d3e4a5968778695a4b3c2d1e0f1122334455669c1d1f0c6f0c"}))]
pub struct EntropyRequest {
    /// 64 lowercase hex digits: an auditor's release or secret, or the randomness of a beacon's round.
    pub value: String,
}

/// Something that was given for a draw, by whom and when.
#[derive(Serialize, ToSchema)]
pub struct GivenAnswer {
    /// Lowercase hex.
    pub value: String,
    /// When.
    pub at: DateTime<Utc>,
    /// By which key.
    pub by: String,
}

impl From<Given> for GivenAnswer {
    fn from(given: Given) -> Self {
        Self { value: given.value, at: given.at, by: given.by }
    }
}

/// What a draw waits for, and what came in for it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"draw": "CNTAO-20261124-1", "state": "drawn", "entropy": "auditor:9c1d…",
    "frame_sha256": "d1b2…", "release": {"value": "2f7b…", "at": "2026-11-23T22:09:41Z", "by": "key:k1"},
    "opened": false, "auditor_secret": null}))]
pub struct EntropyAnswer {
    /// The draw.
    pub draw: String,
    /// How far it has come.
    pub state: DrawState,
    /// Where its entropy comes from, as the header of its frame names it.
    pub entropy: String,
    /// SHA-256 of its `frame.tsv`: what an auditor releases for.
    pub frame_sha256: String,
    /// What was released for the frozen frame.
    pub release: Option<GivenAnswer>,
    /// Whether the auditor has given the own secret.
    pub opened: bool,
    /// That secret, once the draw is revealed.
    pub auditor_secret: Option<GivenAnswer>,
}

impl From<Received> for EntropyAnswer {
    fn from(received: Received) -> Self {
        let draw = received.draw;
        Self {
            draw: draw.id,
            state: draw.state,
            entropy: draw.entropy,
            frame_sha256: draw.frame_sha256,
            release: received.release.map(Into::into),
            opened: received.opened,
            auditor_secret: received.secret.map(Into::into),
        }
    }
}

/// Says what a draw waits for, and what came in for it.
#[utoipa::path(
    operation_id = "get_entropy",
    tag = "draws",
    params(("id" = String, Path, description = "Id of the draw", example = "CNTAO-20261124-1")),
    responses((status = 200, description = "What is named and what came in", body = EntropyAnswer), Problems)
)]
#[get("/v1/draws/{id}/entropy")]
pub async fn get(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<impl Responder, ApiError> {
    let received = run(&app, move |app| flow::entropy::find(&app.store, &caller, &id)).await?;
    Ok(web::Json(EntropyAnswer::from(received)))
}

/// Releases what a frozen frame waits for, and draws; asked again with the same value, it answers with
/// the same draw. Where the frame names an auditor, only an auditor may.
#[utoipa::path(
    operation_id = "put_entropy",
    tag = "draws",
    params(("id" = String, Path, description = "Id of the draw", example = "CNTAO-20261124-1")),
    request_body = EntropyRequest,
    responses((status = 200, description = "It is drawn", body = DrawAnswer), Problems)
)]
#[put("/v1/draws/{id}/entropy")]
pub async fn release(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
    body: Json<EntropyRequest>,
) -> Result<impl Responder, ApiError> {
    let draw = run(&app, move |app| {
        let value = &body.0.value;
        flow::entropy::release(&app.store, &app.master, &caller, &id, value, app.now())
    })
    .await?;
    Ok(web::Json(DrawAnswer::from(draw)))
}

/// Gives the secret of the auditor, which must open the commitment. The draw is revealed with it when every
/// item has a result; where another value was released, a signal is raised and it does not verify.
#[utoipa::path(
    operation_id = "put_auditor_secret",
    tag = "draws",
    params(("id" = String, Path, description = "Id of the draw", example = "CNTAO-20261124-1")),
    request_body = EntropyRequest,
    responses((status = 200, description = "It opens the commitment", body = DrawAnswer), Problems)
)]
#[put("/v1/draws/{id}/auditor-secret")]
pub async fn open(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
    body: Json<EntropyRequest>,
) -> Result<impl Responder, ApiError> {
    let draw = run(&app, move |app| {
        let value = &body.0.value;
        flow::entropy::open(&app.store, &app.master, &caller, &id, value, app.now())
    })
    .await?;
    Ok(web::Json(DrawAnswer::from(draw)))
}

//! The one place where a status code is chosen.

use crate::domain::problem::{Code, FieldError, Problem};
use crate::error::Error;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// A failure on its way to the caller. Its body is written by [`crate::api::guard`], which knows
/// the request's id.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ApiError(pub Error);

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// `application/problem+json` (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"type": "/problems/not-found", "title": "There is no such thing",
    "status": 404, "detail": "there is no declaration `EXP-1`", "code": "not-found",
    "request_id": "0198c5a0-0000-7000-8000-000000000000", "errors": []}))]
pub struct ProblemBody {
    /// A page that explains the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's title.
    pub title: String,
    /// The status code.
    pub status: u16,
    /// This occurrence in words.
    pub detail: String,
    /// The stable code.
    pub code: Code,
    /// Names this request in the server's log.
    pub request_id: Option<String>,
    /// The fields at fault.
    pub errors: Vec<FieldError>,
}

/// What any operation may answer when it cannot do as asked.
#[derive(IntoResponses)]
pub enum Problems {
    /// The request cannot be granted; the code says why and how to mend it.
    #[response(status = "4XX", content_type = "application/problem+json")]
    Yours(#[to_schema] ProblemBody),
    /// The service cannot do it now; repeating the request is safe.
    #[response(status = "5XX", content_type = "application/problem+json")]
    Ours(#[to_schema] ProblemBody),
}

/// The status code of a problem.
pub fn status(code: Code) -> StatusCode {
    match code {
        Code::MalformedJson | Code::MalformedBody | Code::BadUtf8 => StatusCode::BAD_REQUEST,
        Code::InvalidParameter | Code::InvalidCursor => StatusCode::BAD_REQUEST,
        Code::QuestionImpossible => StatusCode::UNPROCESSABLE_ENTITY,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden | Code::OwnProposal => StatusCode::FORBIDDEN,
        Code::NotFound | Code::OfficeUnknown => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        Code::RevisionConflict
        | Code::OfficeFixed
        | Code::FrameClosed
        | Code::FrameOpen
        | Code::Cancelled
        | Code::NumberTaken
        | Code::NoPolicy
        | Code::AlreadyRecorded
        | Code::AlreadyDrawn
        | Code::NothingDrawn
        | Code::RiskModelOutdated
        | Code::RiskModelNotActive
        | Code::IdTaken
        | Code::AlreadyApproved
        | Code::NotApproved
        | Code::AlreadyClosed
        | Code::IdempotencyInFlight
        | Code::KeyIssued
        | Code::NotRevealed
        | Code::PeriodNotOver
        | Code::DirectiveClosed
        | Code::SignalAcknowledged
        | Code::AuditorCommitmentMissing
        | Code::AlreadyCommitted
        | Code::EntropyNotAwaited
        | Code::EntropyReleased
        | Code::BeaconRoundAhead
        | Code::CalendarFixed => StatusCode::CONFLICT,
        Code::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        Code::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::Busy | Code::Interrupted => StatusCode::SERVICE_UNAVAILABLE,
        Code::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// What the caller hears: a cause that is ours stays in the log.
pub fn problem(error: &Error) -> Problem {
    match error {
        Error::Problem(problem) => (**problem).clone(),
        Error::Busy(_) | Error::Away(_) => {
            Problem::new(Code::Busy, "the database is busy or away: send the same request again")
        }
        Error::Full(_) => Problem::new(Code::StorageFull, "nothing of this request was stored"),
        Error::Inner(_) | Error::Environment(_) => {
            Problem::new(Code::Internal, "the cause is in the server's log")
        }
    }
}

/// The whole answer to a failure.
pub fn answer(problem: &Problem, request_id: Option<String>) -> HttpResponse {
    let status = status(problem.code);
    let mut response = HttpResponse::build(status);
    response.content_type("application/problem+json");
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((header::RETRY_AFTER, "2"));
    }
    response.json(ProblemBody {
        kind: format!("/problems/{}", problem.code.as_str()),
        title: problem.code.title().to_owned(),
        status: status.as_u16(),
        detail: problem.detail.clone(),
        code: problem.code,
        request_id,
        errors: problem.errors.clone(),
    })
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        status(problem(&self.0).code)
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

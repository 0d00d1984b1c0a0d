//! Query parameters: flat, repeated means or, unknown ones are errors.

use crate::api::error::ApiError;
use crate::domain::problem::{Code, Problem};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};

/// Parsed query parameters.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = serde_html_form::from_str(req.query_string());
        ready(
            parsed
                .map(Self)
                .map_err(|error| Problem::new(Code::InvalidParameter, error.to_string()).into()),
        )
    }
}

/// The part of `If-Match` between the quotation marks; `None` when it was not sent.
///
/// # Errors
/// [`Code::PreconditionFailed`] for an ETag that no revision has, as it cannot match.
pub fn if_match(req: &HttpRequest) -> Result<Option<i32>, Problem> {
    let Some(value) = req.headers().get(actix_web::http::header::IF_MATCH) else { return Ok(None) };
    let revision = value
        .to_str()
        .ok()
        .and_then(|text| text.trim().strip_prefix("\"r")?.strip_suffix('"')?.parse::<i32>().ok());
    revision.map(Some).ok_or_else(|| {
        Problem::new(Code::PreconditionFailed, "If-Match names no revision; it reads like \"r1\"")
    })
}

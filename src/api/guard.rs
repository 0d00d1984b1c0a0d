//! What stands before every operation: who asks, may they, and how a failure is put into words.

use crate::api::access::{self, Access};
use crate::api::error::{self, ApiError};
use crate::api::{params, run};
use crate::app::App;
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::error::Error;
use crate::flow;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use std::future::{Ready, ready};
use tracing_actix_web::RequestId;

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    /// The caller that [`admit`] has let in.
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = req.extensions().get::<Caller>().cloned();
        ready(caller.ok_or_else(|| Problem::new(Code::Unauthenticated, "no key was sent").into()))
    }
}

/// Lets a request through to its operation, or answers why not: no such path or method, no valid
/// key, a role that may not.
///
/// # Errors
/// Those of the operation.
pub async fn admit<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    match check(&req).await {
        Ok(()) => Ok(next.call(req).await?.map_into_left_body()),
        Err(error) => Ok(req.error_response(error).map_into_right_body()),
    }
}

/// Holds a request against the access table and remembers who asks.
async fn check(req: &ServiceRequest) -> Result<(), ApiError> {
    let path = req.match_pattern().unwrap_or_default();
    if path == "/" || path.starts_with("/docs") {
        return Ok(());
    }
    let refuse = |code, words: String| Err(Problem::new(code, words).into());
    // No id has a NUL, and PostgreSQL takes no text with one.
    if req.path().contains("%00") {
        return refuse(Code::NotFound, format!("there is nothing at {}", req.path()));
    }
    let method = req.method().as_str();
    if access::find(method, &path).is_some() {
        params::check(method, &path, req.query_string())?;
    }
    match access::find(req.method().as_str(), &path) {
        Some(Access::Open) => Ok(()),
        Some(Access::Known) => {
            if req.headers().contains_key(header::AUTHORIZATION) {
                let caller = authenticate(req).await?;
                req.extensions_mut().insert(caller);
            }
            Ok(())
        }
        Some(Access::Roles(roles)) => {
            let caller = authenticate(req).await?;
            if !roles.contains(&caller.role) {
                let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
                let own = caller.role.as_str();
                let words =
                    format!("a key of role {own} may not do this; {} may", names.join(", "));
                return refuse(Code::Forbidden, words);
            }
            req.extensions_mut().insert(caller);
            Ok(())
        }
        None => match access::methods(&path).as_slice() {
            [] => refuse(Code::NotFound, format!("there is nothing at {}", req.path())),
            methods => {
                refuse(Code::MethodNotAllowed, format!("possible here: {}", methods.join(", ")))
            }
        },
    }
}

async fn authenticate(req: &ServiceRequest) -> Result<Caller, ApiError> {
    let app = req.app_data::<web::Data<App>>().ok_or_else(|| Error::inner("no application"))?;
    let sent = req.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = sent.and_then(|value| {
        let (scheme, key) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| key.trim().to_owned())
    });
    let Some(key) = key else {
        return Err(Problem::new(
            Code::Unauthenticated,
            "no key was sent: Authorization: Bearer brz_…",
        )
        .into());
    };
    run(app, move |app| flow::keys::authenticate(&app.store, &key, app.now())).await
}

/// Puts every failure into the one shape, with the request's id, and logs what is ours.
///
/// # Errors
/// Those of the server itself: a failed operation is an answer by now.
pub async fn put_into_words<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    // HEAD is a GET whose body the server leaves out (RFC 9110, 9.3.2).
    if req.method() == Method::HEAD {
        req.head_mut().method = Method::GET;
    }
    let id = req.extensions().get::<RequestId>().map(ToString::to_string);
    let response = next.call(req).await?;
    let failed = failure(response.request(), response.response().error(), response.status());
    let mut response = match failed {
        None => response.map_into_left_body(),
        Some(problem) => {
            let http = response.into_parts().0;
            let mut answer = error::answer(&problem, id.clone());
            let methods = access::methods(&http.match_pattern().unwrap_or_default());
            if problem.code == Code::MethodNotAllowed
                && let Ok(allow) = HeaderValue::from_str(&methods.join(", "))
            {
                answer.headers_mut().insert(header::ALLOW, allow);
            }
            ServiceResponse::new(http, answer).map_into_right_body()
        }
    };
    add_headers(response.headers_mut(), id);
    Ok(response)
}

fn add_headers(headers: &mut header::HeaderMap, id: Option<String>) {
    if let Some(id) = id.and_then(|id| HeaderValue::from_str(&id).ok()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// The problem behind a failed answer; none when it did not fail, or is whole already, such as the
/// pages of the documentation.
fn failure(
    req: &HttpRequest,
    error: Option<&actix_web::Error>,
    status: StatusCode,
) -> Option<Problem> {
    if let Some(own) = error.and_then(|error| error.as_error::<ApiError>()) {
        if !matches!(own.0, Error::Problem(_)) {
            tracing::error!(cause = ?own.0, path = req.path(), "a request failed");
        }
        return Some(error::problem(&own.0));
    }
    let foreign = error.map(ToString::to_string).unwrap_or_default();
    match status {
        StatusCode::NOT_FOUND => {
            Some(Problem::new(Code::NotFound, format!("there is nothing at {}", req.path())))
        }
        _ if error.is_none() => None,
        StatusCode::PAYLOAD_TOO_LARGE => Some(Problem::new(Code::BodyTooLarge, foreign)),
        status if status.is_client_error() => Some(Problem::new(Code::MalformedBody, foreign)),
        _ => {
            tracing::error!(cause = foreign, path = req.path(), "a request failed");
            Some(Problem::new(Code::Internal, "the cause is in the server's log"))
        }
    }
}

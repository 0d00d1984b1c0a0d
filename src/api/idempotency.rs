//! `Idempotency-Key`: the same request again gets the answer of the first, for 48 hours.
//!
//! The key is claimed in a transaction of its own before the work and the answer kept after it. A
//! process that dies in between leaves a claim that is void after a minute; the work is then done
//! again, so it must be harmless to repeat. Work that is not, such as making an API key, takes its
//! [`claim`] into its own transaction.

use crate::api::error::ApiError;
use crate::api::run;
use crate::app::App;
use crate::domain::digest;
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::store::idempotency::{self, Claim, Found};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

/// Longest key, in characters.
const LONGEST: usize = 255;

/// Does the work of a POST, once for every key; without a key, every time. The fingerprint of a
/// request is its method, its address and its parsed body. Only an answer is kept: what was refused
/// may be asked for again.
///
/// # Errors
/// Those of the work; [`Code::IdempotencyMismatch`], [`Code::IdempotencyInFlight`].
pub async fn once<T, F>(
    app: &web::Data<App>,
    req: &HttpRequest,
    caller: &Caller,
    body: &impl Serialize,
    work: F,
) -> Result<HttpResponse, ApiError>
where
    T: Serialize,
    F: FnOnce(&App) -> Result<(StatusCode, T)> + Send + 'static,
{
    let claim = claim(req, caller, body)?;
    let (status, body) = run(app, move |app| match claim {
        None => worked(app, work),
        Some(claim) => claimed(app, &claim, work),
    })
    .await?;
    Ok(HttpResponse::build(status).content_type("application/json").body(body))
}

/// What a request claims with its Idempotency-Key, if it has one.
///
/// # Errors
/// A key that is empty or too long.
pub fn claim(
    req: &HttpRequest,
    caller: &Caller,
    body: &impl Serialize,
) -> Result<Option<Claim>, Problem> {
    Ok(token(req)?.map(|token| Claim {
        api_key: caller.actor.clone(),
        token,
        fingerprint: digest::of(&(req.method().as_str(), req.uri().to_string(), body)),
    }))
}

fn token(req: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = req.headers().get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text.is_empty() || text.len() > LONGEST {
        let words = format!("Idempotency-Key has 1 to {LONGEST} visible ASCII characters");
        return Err(Problem::new(Code::InvalidParameter, words));
    }
    Ok(Some(text.to_owned()))
}

fn worked<T: Serialize>(
    app: &App,
    work: impl FnOnce(&App) -> Result<(StatusCode, T)>,
) -> Result<(StatusCode, String)> {
    let (status, answer) = work(app)?;
    let body = serde_json::to_string(&answer).map_err(|error| Error::Inner(error.into()))?;
    Ok((status, body))
}

fn claimed<T: Serialize>(
    app: &App,
    claim: &Claim,
    work: impl FnOnce(&App) -> Result<(StatusCode, T)>,
) -> Result<(StatusCode, String)> {
    match app.store.write(|conn| idempotency::claim(conn, claim, app.now()))? {
        Found::Nothing => {}
        Found::Answer(status, body) => {
            let status = u16::try_from(status).ok().and_then(|s| StatusCode::from_u16(s).ok());
            let status = status.ok_or_else(|| Error::inner("a kept answer has no status"))?;
            return Ok((status, body));
        }
        Found::AtWork => return Err(claim.in_flight().into()),
        Found::Other => return Err(claim.mismatch().into()),
    }
    match worked(app, work) {
        Ok((status, body)) => {
            let number = i32::from(status.as_u16());
            app.store.write(|conn| idempotency::keep(conn, claim, number, &body))?;
            Ok((status, body))
        }
        Err(error) => {
            app.store.write(|conn| idempotency::release(conn, claim))?;
            Err(error)
        }
    }
}

//! Bodies: read within a limit and a time; JSON is parsed with the place of every fault.

use crate::api::error::ApiError;
use crate::app::App;
use crate::domain::json;
use crate::domain::problem::{Code, Problem};
use crate::domain::written::Written;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// How long a body of JSON may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// A parsed JSON body, at most `TIMES` as large as the limit of the service.
pub struct Json<T, const TIMES: usize = 1>(pub T);

impl<T: DeserializeOwned + 'static, const TIMES: usize> FromRequest for Json<T, TIMES> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = req.app_data::<web::Data<App>>().map_or(0, |app| app.limits.json * TIMES);
        let media = media_type(req);
        let encoded = req.headers().contains_key(header::CONTENT_ENCODING);
        let payload = payload.take();
        Box::pin(async move {
            if media != "application/json" {
                let words = format!("`{media}` is not understood here: send application/json");
                return Err(Problem::new(Code::UnsupportedMediaType, words).into());
            }
            if encoded {
                let words = "a JSON body is sent as it is, without Content-Encoding";
                return Err(Problem::new(Code::UnsupportedMediaType, words).into());
            }
            Ok(Self(json::parse(&arrived(payload, limit).await?)?))
        })
    }
}

impl FromRequest for Written {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = req.app_data::<web::Data<App>>().map_or(0, |app| app.limits.json);
        let media = media_type(req);
        let encoded = req.headers().contains_key(header::CONTENT_ENCODING);
        let payload = payload.take();
        Box::pin(async move {
            let is_toml = media == "application/toml";
            if encoded || !is_toml && media != "application/json" {
                let words = format!(
                    "`{media}` is not understood here: send application/toml or application/json, \
                     without Content-Encoding"
                );
                return Err(Problem::new(Code::UnsupportedMediaType, words).into());
            }
            let bytes = arrived(payload, limit).await?;
            Ok(if is_toml { Self::Toml(text(bytes)?) } else { Self::Json(bytes) })
        })
    }
}

/// A JSON merge patch (RFC 7396).
pub struct MergePatch(pub Value);

impl FromRequest for MergePatch {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = req.app_data::<web::Data<App>>().map_or(0, |app| app.limits.json);
        let media = media_type(req);
        let encoded = req.headers().contains_key(header::CONTENT_ENCODING);
        let payload = payload.take();
        Box::pin(async move {
            if encoded || media != "application/merge-patch+json" {
                let words = format!(
                    "`{media}` is not understood here: send application/merge-patch+json, without \
                     Content-Encoding"
                );
                return Err(Problem::new(Code::UnsupportedMediaType, words).into());
            }
            Ok(Self(json::parse(&arrived(payload, limit).await?)?))
        })
    }
}

fn text(bytes: Vec<u8>) -> Result<String, Problem> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Problem::new(Code::BadUtf8, format!("byte {at} is not UTF-8"))
    })
}

/// The media type of a request, without parameters, in lowercase.
pub fn media_type(req: &HttpRequest) -> String {
    let value = req.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The whole body, once it is here.
///
/// # Errors
/// More than `limit` bytes; a body that does not arrive in time.
pub async fn arrived(payload: Payload, limit: usize) -> Result<Vec<u8>, Problem> {
    let bytes = tokio::time::timeout(PATIENCE, collect(payload, limit)).await;
    bytes.map_err(|_| {
        Problem::new(Code::MalformedBody, "the body did not arrive within 30 seconds")
    })?
}

async fn collect(mut payload: Payload, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::new(Code::MalformedBody, error.to_string()))?;
        if bytes.len() + chunk.len() > limit {
            return Err(Problem::new(
                Code::BodyTooLarge,
                format!("a body here has at most {limit} bytes"),
            ));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

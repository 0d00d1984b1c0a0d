//! JSON bodies: read within a limit and a time, parsed with the place of every fault.

use crate::api::error::ApiError;
use crate::app::App;
use crate::domain::problem::{Code, FieldError, Problem};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
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
            if media != "application/json" || encoded {
                let words =
                    format!("`{media}` is not understood here: send plain application/json");
                return Err(Problem::new(Code::UnsupportedMediaType, words).into());
            }
            let bytes = tokio::time::timeout(PATIENCE, collect(payload, limit)).await;
            let bytes = bytes.map_err(|_| {
                Problem::new(Code::MalformedBody, "the body did not arrive within 30 seconds")
            })??;
            Ok(Self(parse(&bytes)?))
        })
    }
}

/// The media type of a request, without parameters, in lowercase.
pub fn media_type(req: &HttpRequest) -> String {
    let value = req.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
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

/// Parses JSON; a fault is named by line and column (grammar) or by pointer (type, unknown field).
///
/// # Errors
/// [`Code::MalformedJson`], [`Code::BadUtf8`], or a field error.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Problem::new(Code::BadUtf8, format!("byte {} is not UTF-8", error.valid_up_to()))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| fault(&error))?;
    reader.end().map_err(|error| {
        let words = format!(
            "something follows the object, at line {} column {}",
            error.line(),
            error.column()
        );
        Problem::new(Code::MalformedJson, words)
    })?;
    Ok(value)
}

/// Parses a part of a JSON body; pointers begin at the part.
///
/// # Errors
/// A field error.
pub fn parse_value<T: DeserializeOwned>(value: &serde_json::Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| fault(&error))
}

fn fault(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let inner = error.inner();
    if !inner.is_data() {
        return Problem::new(Code::MalformedJson, inner.to_string());
    }
    let mut pointer = pointer(error.path());
    let words = inner.to_string();
    let quoted = |start: &str| words.strip_prefix(start).and_then(|rest| rest.split('`').next());
    let code = if let Some(field) = quoted("missing field `") {
        pointer = format!("{pointer}/{field}");
        Code::Required
    } else if words.starts_with("unknown field") {
        Code::UnknownField
    } else if words.starts_with("unknown variant") {
        Code::ValueNotAllowed
    } else if words.starts_with("duplicate field") {
        return Problem::new(Code::MalformedJson, words);
    } else {
        Code::WrongType
    };
    Problem::fields(vec![FieldError::new(pointer, code, words)])
}

/// A path as JSON pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

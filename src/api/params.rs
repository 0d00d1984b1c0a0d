//! Query parameters: flat, repeated means or, unknown ones are errors.
//!
//! [`check`] holds every query against what all of them share, before its operation reads it.

use crate::api::error::ApiError;
use crate::api::openapi;
use crate::domain::parameter::bounded;
use crate::domain::problem::{Code, Problem};
use crate::flow::approval::Seen;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::future::{Ready, ready};
use std::sync::LazyLock;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};

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

/// Method and path of the operations that take a query, as the document describes them.
static WITH_QUERY: LazyLock<BTreeSet<(&str, String)>> = LazyLock::new(|| {
    let paths = openapi::document().paths.paths;
    let of = |(path, item): (String, PathItem)| {
        let operations = [
            ("DELETE", item.delete),
            ("GET", item.get),
            ("PATCH", item.patch),
            ("POST", item.post),
            ("PUT", item.put),
        ];
        let operations = operations.into_iter().filter_map(|(m, o)| o.map(|o| (m, o)));
        operations.filter(|(_, o)| takes_query(o)).map(move |(m, _)| (m, path.clone()))
    };
    paths.into_iter().flat_map(|entry| of(entry).collect::<Vec<_>>()).collect()
});

fn takes_query(operation: &Operation) -> bool {
    let is_query = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == ParameterIn::Query,
        // What is described elsewhere is not known here; the operation itself refuses.
        RefOr::Ref(_) => true,
    };
    operation.parameters.iter().flatten().any(is_query)
}

/// Holds the query of an operation against the rules that all queries share: it must be text of
/// parameters, without NUL, which no engine keeps; no parameter may be repeated without end; what
/// is no parameter is refused; and a key is no parameter, since addresses are written into logs.
///
/// # Errors
/// [`Code::InvalidParameter`] in words that do not repeat a key.
pub fn check(method: &str, pattern: &str, query: &str) -> Result<(), Problem> {
    let refuse = |words: String| Err(Problem::new(Code::InvalidParameter, words));
    let pairs: Vec<(String, String)> = serde_html_form::from_str(query)
        .map_err(|error| Problem::new(Code::InvalidParameter, error.to_string()))?;
    let mut values: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, value) in &pairs {
        if [name, value].into_iter().any(|text| text.trim_start().starts_with("brz_")) {
            return refuse(
                "an API key stands in the address, where logs and proxies keep it: revoke it, and \
                 send the next one as Authorization: Bearer brz_…"
                    .into(),
            );
        }
        if name.contains('\0') || value.contains('\0') {
            return refuse(format!("{}: has a NUL, which no text has", name.escape_debug()));
        }
        *values.entry(name).or_default() += 1;
    }
    if let Some((name, _)) = pairs.first()
        && !WITH_QUERY.contains(&(method, pattern.to_owned()))
    {
        let words = format!("`{}` is unknown: nothing is taken here", name.escape_debug());
        return refuse(words);
    }
    values.into_iter().try_for_each(|(name, values)| bounded(name, values))
}

/// The revision that `If-Match` names, as `"r1"`; `None` when it was not sent.
///
/// # Errors
/// [`Code::PreconditionFailed`] for an ETag that no revision has, as it cannot match.
pub fn if_match(req: &HttpRequest) -> Result<Option<i32>, Problem> {
    number_in_if_match(req, 'r')
}

/// Which state the caller has seen: the number in an `If-Match` such as `"v3"`, whose letter is `tag`.
///
/// # Errors
/// As [`if_match`].
pub fn seen(req: &HttpRequest, tag: char) -> Result<Seen, Problem> {
    Ok(number_in_if_match(req, tag)?.map_or(Seen::Nothing, Seen::Number))
}

fn number_in_if_match(req: &HttpRequest, tag: char) -> Result<Option<i32>, Problem> {
    let Some(value) = req.headers().get(actix_web::http::header::IF_MATCH) else { return Ok(None) };
    let quoted = |text: &str| {
        let text = text.trim().strip_prefix('"')?.strip_suffix('"')?.strip_prefix(tag)?;
        text.parse::<i32>().ok()
    };
    let number = value.to_str().ok().and_then(quoted);
    number.map(Some).ok_or_else(|| {
        let words = format!("If-Match names no state there can be; it reads like \"{tag}1\"");
        Problem::new(Code::PreconditionFailed, words)
    })
}

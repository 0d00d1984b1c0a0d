//! JSON as people send it: parsed with the place of every fault.

use crate::domain::day;
use crate::domain::problem::{Code, FieldError, Problem};
use serde::Deserializer;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Parses JSON; a fault is named by line and column (grammar) or by pointer (type, unknown field).
///
/// # Errors
/// [`Code::MalformedJson`], [`Code::BadUtf8`], or a field error.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Problem::new(Code::BadUtf8, format!("byte {} is not UTF-8", error.valid_up_to()))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('[') {
        return Err(not_an_object());
    }
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
    if value.is_array() {
        return Err(not_an_object());
    }
    serde_path_to_error::deserialize(value).map_err(|error| fault(&error))
}

/// For `#[serde(deserialize_with)]`: an object or null. serde would also take an array for it, its
/// fields by position.
///
/// # Errors
/// Anything else.
pub fn object<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Object(PhantomData))
}

struct Object<T>(PhantomData<T>);

impl<'de, T: serde::Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
}

/// serde would take an array for an object, its fields by position: no name would be checked.
fn not_an_object() -> Problem {
    Problem::field("", Code::WrongType, "a JSON object is expected, not an array")
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
    } else if words.contains(day::EXPECTED) {
        Code::TimeInvalid
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

//! Figures that are frozen: one text for the same data, and what moved since.
//!
//! A report has shares, which are floats. RFC 8785 writes a number as ECMAScript does: the shortest
//! digits that read back as the same number, in plain digits from 10⁻⁶ up to 10²¹. Rounded to six
//! decimals every figure is 0 or within that range, so its text is plain digits, and any tool that
//! knows RFC 8785 finds the same digest.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The RFC 8785 text of a document whose floats are rounded to six decimals.
///
/// ```
/// use breeze::domain::figures::canonical;
/// let value = serde_json::json!({"b": 71.0, "a": [0.000001, 0.04912345678, -0.0000001, 3, null]});
/// assert_eq!(canonical(&value), r#"{"a":[0.000001,0.049123,0,3,null],"b":71}"#);
/// ```
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => write_all(text, ('[', ']'), items, write),
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            // All names are ASCII, where the order of bytes is that of UTF-16.
            fields.sort_unstable_by(|one, other| one.0.cmp(other.0));
            write_all(text, ('{', '}'), fields, |(name, value), text| {
                text.push_str(&Value::String(name.clone()).to_string());
                text.push(':');
                write(value, text);
            });
        }
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => text.push_str(&rounded(float).to_string()),
            None => text.push_str(&number.to_string()),
        },
        other => text.push_str(&other.to_string()),
    }
}

fn write_all<T>(
    text: &mut String,
    (open, close): (char, char),
    items: impl IntoIterator<Item = T>,
    one: impl Fn(T, &mut String),
) {
    text.push(open);
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        one(item, text);
    }
    text.push(close);
}

/// To six decimals; adding 0 leaves no negative zero.
fn rounded(float: f64) -> f64 {
    (float * 1e6).round() / 1e6 + 0.0
}

/// A figure that is not what was published any more.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"pointer": "/summary/rate/failed", "published": 9, "now": 10}))]
pub struct Erratum {
    /// Where it stands in the report, RFC 6901.
    pub pointer: String,
    /// What was published; null where the report had no such figure.
    #[schema(value_type = Value)]
    pub published: Value,
    /// What it is now; null where there is none any more.
    #[schema(value_type = Value)]
    pub now: Value,
}

/// The figures that differ, in order of their pointers. Words are no figures: an office that was
/// renamed moves nothing.
///
/// ```
/// use breeze::domain::figures::moved;
/// let published = serde_json::json!({"failed": 9, "name": "Qingdao"});
/// let errata = moved(&published, &serde_json::json!({"failed": 10, "name": "Tsingtao"}));
/// assert_eq!((errata.len(), errata[0].pointer.as_str()), (1, "/failed"));
/// ```
pub fn moved(published: &Value, now: &Value) -> Vec<Erratum> {
    let mut errata = Vec::new();
    compare(String::new(), published, now, &mut errata);
    errata
}

fn compare(pointer: String, published: &Value, now: &Value, errata: &mut Vec<Erratum>) {
    match (published, now) {
        (Value::Object(_), _) | (_, Value::Object(_)) => {
            let nothing = Map::new();
            let fields = |value: &Value| value.as_object().unwrap_or(&nothing).clone();
            let (before, after) = (fields(published), fields(now));
            let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let of = |fields: &Map<String, Value>| fields.get(name).cloned();
                let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                let (before, after) = (of(&before), of(&after));
                compare(
                    pointer,
                    &before.unwrap_or(Value::Null),
                    &after.unwrap_or(Value::Null),
                    errata,
                );
            }
        }
        (Value::String(_), Value::String(_)) if !pointer.ends_with("/verdict") => {}
        _ if canonical(published) == canonical(now) => {}
        _ => {
            let (published, now) = (published.clone(), now.clone());
            errata.push(Erratum { pointer, published, now });
        }
    }
}

//! TOML files as JSON values, so that a file and a request body are read by the same rules.

use crate::domain::json;
use crate::domain::problem::Problem;
use serde::de::DeserializeOwned;
use serde_json::Value;
use toml::Value as Toml;

/// Reads a TOML file as the body it stands for. Days may be dates or text.
///
/// # Errors
/// [`Code::MalformedToml`](crate::domain::problem::Code::MalformedToml), or a field error.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    use crate::domain::problem::Code::MalformedToml;
    let table: toml::Table =
        toml::from_str(text).map_err(|error| Problem::new(MalformedToml, error.to_string()))?;
    json::parse_value(&value(Toml::Table(table)))
}

fn value(toml: Toml) -> Value {
    match toml {
        Toml::String(text) => text.into(),
        Toml::Integer(number) => number.into(),
        Toml::Float(number) => number.into(),
        Toml::Boolean(truth) => truth.into(),
        Toml::Datetime(time) => time.to_string().into(),
        Toml::Array(items) => items.into_iter().map(value).collect(),
        Toml::Table(table) => table.into_iter().map(|(key, item)| (key, value(item))).collect(),
    }
}

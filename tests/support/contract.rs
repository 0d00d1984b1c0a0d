//! The document is a promise: every answer a story gets is held against it.

use serde_json::Value;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&breeze::api::openapi::json()).expect("a document"));

/// What is wrong with an answer; nothing when the path is no operation.
pub(super) fn breach(
    method: &str,
    path: &str,
    status: u16,
    media: Option<&str>,
    body: &[u8],
) -> Option<String> {
    let responses = &operation(method, path)?["responses"];
    let class = format!("{}XX", status / 100);
    let response = [status.to_string(), class].into_iter().find_map(|s| responses.get(s));
    let Some(response) = response else {
        return Some(format!("status {status} is not described"));
    };
    let Some(content) = response["content"].as_object() else {
        return (!body.is_empty()).then(|| "a body is not described".to_owned());
    };
    let media = media.unwrap_or_default().split(';').next().unwrap_or_default();
    let Some(described) = content.get(media) else {
        return Some(format!("a body of `{media}` is not described"));
    };
    if !media.ends_with("json") {
        return None;
    }
    match serde_json::from_slice(body) {
        Ok(value) => fault(&described["schema"], &value, ""),
        Err(error) => Some(error.to_string()),
    }
}

/// The operation of a path: fixed parts must be equal, `{parameters}` may be anything.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let sent: Vec<_> = path.split('?').next()?.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<_> = template.split('/').collect();
        let same = |(part, sent): (&&str, &&str)| match part.strip_prefix('{') {
            Some(parameter) => sent.ends_with(parameter.split('}').nth(1).unwrap_or_default()),
            None => part == sent,
        };
        parts.len() == sent.len() && parts.iter().zip(&sent).all(same)
    };
    let paths = DOCUMENT["paths"].as_object()?;
    // `{id}.csv` says more than `{id}`.
    let fitting = paths.iter().filter(|(template, _)| fits(template));
    let (_, item) = fitting.max_by_key(|(template, _)| template.len())?;
    item.get(method.to_lowercase())
}

/// The first place where a value is not what its schema says.
fn fault(schema: &Value, value: &Value, place: &str) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next()?;
        return fault(&DOCUMENT["components"]["schemas"][name], value, place);
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[key].as_array() {
            let faults: Vec<_> = choices.iter().map(|c| fault(c, value, place)).collect();
            let fitting = faults.iter().any(Option::is_none);
            return (!fitting).then(|| format!("{place}: {value} is none of {faults:?}"));
        }
    }
    if !has_type(schema, value) {
        return Some(format!("{place}: {value} is no {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        return Some(format!("{place}: {value} is none of {}", schema["enum"]));
    }
    if let (Some(least), Some(number)) = (schema["minimum"].as_f64(), value.as_f64())
        && number < least
    {
        return Some(format!("{place}: {value} is less than {least}"));
    }
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(at, item)| fault(&schema["items"], item, &format!("{place}/{at}"))),
        Value::Object(_) => fault_of_object(schema, value, place),
        _ => None,
    }
}

fn fault_of_object(schema: &Value, value: &Value, place: &str) -> Option<String> {
    let fields = value.as_object()?;
    // A free object: anything goes.
    let properties = schema["properties"].as_object();
    if properties.is_none() && schema["additionalProperties"].is_null() {
        return None;
    }
    let required = schema["required"].as_array().into_iter().flatten();
    if let Some(missing) = required.filter_map(Value::as_str).find(|r| !fields.contains_key(*r)) {
        return Some(format!("{place}/{missing} is missing"));
    }
    fields.iter().find_map(|(name, value)| {
        let place = format!("{place}/{name}");
        match properties.and_then(|properties| properties.get(name)) {
            Some(schema) => fault(schema, value, &place),
            None if schema["additionalProperties"].is_object() => {
                fault(&schema["additionalProperties"], value, &place)
            }
            None => Some(format!("{place} is not described")),
        }
    })
}

fn has_type(schema: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap_or_default() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match &schema["type"] {
        Value::Null => true,
        Value::Array(names) => names.iter().any(is),
        name => is(name),
    }
}

#[test]
fn a_planted_breach_of_the_document_is_found() {
    let json = Some("application/json");
    let of = |path: &str, status, media, body: &str| {
        breach("GET", path, status, media, body.as_bytes()).unwrap_or_default()
    };
    let me = r#"{"actor": "key:1", "role": "admin", "offices": [], "inspector": null}"#;
    assert_eq!(of("/v1/me?x=1", 200, json, me), "");
    assert_eq!(of("/v1/nothing", 200, json, "?"), "");
    assert_eq!(of("/v1/me", 302, json, me), "status 302 is not described");
    assert_eq!(of("/v1/me", 200, Some("text/html"), me), "a body of `text/html` is not described");
    let more = me.replace('{', "{\"more\": 1, ");
    assert_eq!(of("/v1/me", 200, json, &more), "/more is not described");
    let less = me.replace("\"actor\": \"key:1\", ", "");
    assert_eq!(of("/v1/me", 200, json, &less), "/actor is missing");
    assert_eq!(
        of("/v1/me", 200, json, &me.replace("\"key:1\"", "1")),
        "/actor: 1 is no \"string\""
    );
    let king = of("/v1/me", 200, json, &me.replace("admin", "king"));
    assert!(king.starts_with("/role: \"king\" is none of"), "{king}");
    let inner = of("/v1/me", 200, json, &me.replace("[]", "[1]"));
    assert_eq!(inner, "/offices/0: 1 is no \"string\"");
    assert!(!of("/v1/offices/X", 404, Some("application/problem+json"), "{}").is_empty());
}

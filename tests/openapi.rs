//! The OpenAPI document: the file in the repository is what the program says, every operation is
//! described, and every operation stands in the access table.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use breeze::api::access::{self, Access};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

fn document() -> Value {
    serde_json::from_str(&breeze::api::openapi::json()).unwrap()
}

/// Every operation: its name for messages, method, path, and itself.
fn operations(document: &Value) -> Vec<(String, String, String, &Map<String, Value>)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase();
            let name = format!("{method} {path}");
            operations.push((name, method, path.clone(), operation.as_object().unwrap()));
        }
    }
    operations
}

/// The schema behind a reference.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/components/schemas/")) {
        Some(name) => &document["components"]["schemas"][name],
        None => schema,
    }
}

fn words<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_default().trim()
}

#[test]
fn the_file_in_the_repository_is_what_the_program_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/breeze.json");
    let file = std::fs::read_to_string(path).unwrap_or_default();
    let program = breeze::api::openapi::json();
    let differs = file.lines().zip(program.lines()).position(|(file, program)| file != program);
    assert!(
        file == program,
        "openapi/breeze.json is out of date from line {} on; refresh it with:\n  \
         cargo run -- openapi > openapi/breeze.json",
        differs.unwrap_or(file.lines().count().min(program.lines().count())) + 1
    );
}

#[test]
fn it_is_openapi_3_1() {
    let document = document();
    assert!(words(&document, "openapi").starts_with("3.1."));
    assert_eq!(document["info"]["title"], "Breeze");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["components"]["securitySchemes"]["key"]["scheme"], "bearer");
}

#[test]
fn every_operation_has_a_name_of_its_own_made_of_verb_and_noun() {
    let document = document();
    let mut seen = BTreeSet::new();
    for (name, _, _, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(seen.insert(id.to_owned()), "{name}: `{id}` is used twice");
        let parts: Vec<_> = id.split('_').collect();
        let lower = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
        assert!(parts.len() >= 2 && parts.iter().all(lower), "{name}: `{id}` is no verb_noun");
    }
}

#[test]
fn every_operation_says_what_it_does_and_what_it_may_answer() {
    let document = document();
    let tags: BTreeSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| words(tag, "name")).collect();
    for (name, _, path, operation) in operations(&document) {
        let operation = Value::Object(operation.clone());
        assert_ne!(words(&operation, "summary"), "", "{name} has no summary");
        let tag = operation["tags"][0].as_str().unwrap_or_default();
        assert!(tags.contains(tag), "{name}: the tag `{tag}` is not introduced");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name} never succeeds");
        for status in ["4XX", "5XX"] {
            let problem = responses.get(status).map(|r| &r["content"]["application/problem+json"]);
            assert!(problem.is_some_and(Value::is_object), "{name} fails without a problem");
        }
        for (status, response) in responses {
            assert_ne!(words(response, "description"), "", "{name} {status} has no description");
        }
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in &parameters {
            let parameter_name = words(parameter, "name");
            assert_ne!(words(parameter, "description"), "", "{name}: what is {parameter_name}?");
        }
        for part in path.split('/').filter_map(|part| part.strip_prefix('{')) {
            let part = part.split('}').next().unwrap();
            let known = parameters.iter().any(|p| p["in"] == "path" && p["name"] == part);
            assert!(known, "{name} does not describe `{part}`");
        }
    }
}

#[test]
fn every_request_body_has_an_example() {
    let document = document();
    for (name, _, _, operation) in operations(&document) {
        let Some(body) = operation.get("requestBody") else { continue };
        for (media, content) in body["content"].as_object().unwrap() {
            let schema = resolve(&document, &content["schema"]);
            let places = [
                &content["example"],
                &content["examples"],
                &schema["example"],
                &schema["examples"],
            ];
            assert!(
                places.iter().any(|place| !place.is_null()),
                "{name}: its body {media} has no example"
            );
        }
    }
}

#[test]
fn every_schema_and_field_says_what_it_is() {
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let fields = schema["properties"].as_object().into_iter().flatten();
        for (field, of) in fields {
            // What may be null is one of two, and the first one says what it is.
            let of = if of["oneOf"].is_array() { &of["oneOf"][0] } else { of };
            let said = words(of, "description");
            assert!(!said.is_empty(), "{name}.{field} has no description");
        }
    }
}

/// `allOf` with a closed schema can never be met: a validator would refuse every answer.
#[test]
fn no_closed_schema_is_a_part_of_another() {
    let document = document();
    closed_parts(&document, &document, "");
}

fn closed_parts(document: &Value, of: &Value, place: &str) {
    for part in of["allOf"].as_array().into_iter().flatten() {
        let part = resolve(document, part);
        assert_ne!(part["additionalProperties"], false, "{place} cannot be met");
    }
    match of {
        Value::Object(fields) => {
            fields.iter().for_each(|(n, f)| closed_parts(document, f, &format!("{place}/{n}")));
        }
        Value::Array(items) => items.iter().for_each(|item| closed_parts(document, item, place)),
        _ => {}
    }
}

#[test]
fn document_and_access_table_name_the_same_operations() {
    let document = document();
    let described: BTreeSet<(String, String)> =
        operations(&document).into_iter().map(|(_, method, path, _)| (path, method)).collect();
    let admitted: Vec<(String, String)> = access::TABLE
        .iter()
        .map(|(method, path, _)| (path.to_string(), method.to_string()))
        .collect();
    let missing: Vec<_> = described.iter().filter(|row| !admitted.contains(row)).collect();
    assert!(missing.is_empty(), "closed to everybody, for want of a row: {missing:?}");
    let idle: Vec<_> = admitted.iter().filter(|row| !described.contains(row)).collect();
    assert!(idle.is_empty(), "rows without an operation: {idle:?}");
    assert!(admitted.is_sorted(), "the access table is sorted by path and method");
    assert_eq!(described.len(), admitted.len(), "a row stands twice");
}

#[test]
fn the_document_asks_for_a_key_exactly_where_the_service_does() {
    let document = document();
    let (none, key) = (serde_json::json!({}), serde_json::json!({"key": []}));
    for (name, method, path, operation) in operations(&document) {
        let security = operation.get("security").unwrap_or(&document["security"]);
        let security = security.as_array().unwrap();
        let expected = match access::find(&method, &path).unwrap() {
            Access::Open => vec![&none],
            Access::Known => vec![&none, &key],
            Access::Roles(_) => vec![&key],
        };
        assert_eq!(security.iter().collect::<Vec<_>>(), expected, "{name}");
    }
}

//! The draw: golden vectors, properties, files, verification.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

#[path = "sampling/allocation.rs"]
mod allocation;
#[path = "sampling/assignment.rs"]
mod assignment;
#[path = "sampling/example.rs"]
mod example;
#[path = "sampling/file.rs"]
mod file;
#[path = "sampling/selection.rs"]
mod selection;
#[path = "sampling/tickets.rs"]
mod tickets;
#[path = "sampling/verification.rs"]
mod verification;

use serde_json::Value;

/// The cases of a file of golden vectors.
fn cases(vectors: &str) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    vectors["cases"].as_array().unwrap().clone()
}

/// A text of a vector.
fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A list of a vector.
fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

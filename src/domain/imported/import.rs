//! The import of a file of results.

use crate::domain::problem::FieldError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many rows became what; `received = created + unchanged + revised + rejected` at any time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResultCounts {
    /// Rows of the file so far.
    #[schema(example = 4)]
    pub received: u64,
    /// Results that are new.
    #[schema(example = 3)]
    pub created: u64,
    /// Imported before with the same content.
    pub unchanged: u64,
    /// Imported before with other content: a new revision.
    pub revised: u64,
    /// Not stored.
    #[schema(example = 1)]
    pub rejected: u64,
}

impl ResultCounts {
    /// The sum of two.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            received: self.received + other.received,
            created: self.created + other.created,
            unchanged: self.unchanged + other.unchanged,
            revised: self.revised + other.revised,
            rejected: self.rejected + other.rejected,
        }
    }
}

/// A row that was not stored, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectedResult {
    /// The row, from 1; the heading of a CSV and blank lines are no rows.
    #[schema(example = 4)]
    pub row: u64,
    /// Where the row begins in the text after decompression, from 0.
    #[schema(example = 188)]
    pub byte_offset: u64,
    /// The number as far as it could be read.
    pub declaration_number: Option<String>,
    /// Rules it breaks.
    pub errors: Vec<FieldError>,
}

/// One file of results of before Breeze.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"id": "0198c5a0-0000-7000-8000-000000000000",
    "sha256": "fd600dde013fbf4a9abe14ef7dc5d6f218b087a29a9d66a4662b51a51e2c1aac", "received": 4,
    "created": 3, "unchanged": 0, "revised": 0, "rejected": 1, "rows": [{"row": 4, "byte_offset": 188,
    "declaration_number": "EXP-2026-0099", "errors": [{"pointer": "/declaration_number",
    "code": "not-found", "detail": "there is no declaration `EXP-2026-0099`"}]}],
    "created_at": "2026-11-24T01:00:00Z", "finished_at": "2026-11-24T01:00:01Z"}))]
pub struct ResultImport {
    /// UUIDv7.
    #[schema(example = "0198c5a0-0000-7000-8000-000000000000")]
    pub id: String,
    /// SHA-256 of the file as it was sent.
    pub sha256: String,
    /// How many rows became what.
    #[serde(flatten)]
    pub counts: ResultCounts,
    /// The first 1,000 rows that were rejected, in the order of the file.
    pub rows: Vec<RejectedResult>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ended; null while it is at work, and for ever when it broke off: then send the whole
    /// file again, which is safe.
    pub finished_at: Option<DateTime<Utc>>,
    /// Who sent it.
    #[serde(skip)]
    pub actor: String,
}

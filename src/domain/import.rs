//! Imports: many declarations in one file, with an outcome for each row.
//!
//! Rows count from 1; the heading of a CSV and blank lines are no rows. Byte offsets count from 0 in
//! the text after decompression, a byte order mark included.

use crate::domain::problem::{Code, FieldError};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// The columns of a CSV: the names of a declaration, with `value` and `currency` flat. `value` and
/// `currency` go together.
pub const COLUMNS: [&str; 17] = [
    "declaration_number",
    "office",
    "exporter_id",
    "exporter_name",
    "consignment",
    "destination_country",
    "commodity_code",
    "description",
    "quantity",
    "unit",
    "packages",
    "net_weight_kg",
    "gross_weight_kg",
    "value",
    "currency",
    "location",
    "declared_at",
];

/// The columns without which no row could be accepted.
pub const NEEDED: [&str; 8] = [
    "declaration_number",
    "office",
    "exporter_id",
    "destination_country",
    "commodity_code",
    "quantity",
    "unit",
    "declared_at",
];

/// Longest row, in bytes.
pub const LONGEST_ROW: usize = 65_536;

/// Longest row that is kept as an outcome, in bytes. A valid one is never longer.
pub const LONGEST_KEPT: usize = 8_192;

/// Most rows of a dry import, whose numbers are all held in memory.
pub const MOST_DRY: u64 = 1_000_000;

/// Most rows of an atomic import, dry or not: while it is stored, the offices it names wait, and on
/// SQLite everybody who writes.
pub const MOST_ATOMIC: u64 = 100_000;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$about])* $variant,)* }

        impl $name {
            /// As text.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Finds it by its text.
            pub fn find(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// Whether rows stand alone.
    Mode {
        /// Each row is accepted or rejected for itself.
        PerRow "per_row",
        /// All rows are accepted, or none.
        Atomic "atomic",
    }
}

words! {
    /// How far an import is.
    State {
        /// Rows are still being processed; the counts are those so far.
        Running "running",
        /// Every row has its outcome.
        Done "done",
        /// It was atomic and a row was rejected: nothing was stored.
        Refused "refused",
        /// It ended early; what was accepted stays. Sending the whole file again is safe.
        Failed "failed",
    }
}

words! {
    /// What became of a row that deserves a word. Rows that were created or unchanged without a
    /// warning are only counted.
    RowOutcome {
        /// It breaks rules; nothing of it was stored.
        Rejected "rejected",
        /// It is a new revision of what was stored; `errors` holds its warnings.
        Revised "revised",
        /// It was accepted, with a word.
        Warned "warned",
    }
}

/// How many rows became what. In an import per row,
/// `received = created + unchanged + revised + rejected` at any time; a refused atomic one counts
/// only what was received and rejected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Rows of the file so far.
    #[schema(example = 37_385)]
    pub received: u64,
    /// New declarations.
    #[schema(example = 37_365)]
    pub created: u64,
    /// Stored before with the same content.
    pub unchanged: u64,
    /// Stored before with other content: a new revision.
    pub revised: u64,
    /// Not stored.
    #[schema(example = 20)]
    pub rejected: u64,
    /// Warnings of the rows that were not rejected, by code.
    pub warnings: BTreeMap<String, u64>,
    /// Offices that were registered on the way, by code; known to the process at work only.
    #[serde(skip)]
    pub registered: BTreeSet<String>,
}

impl Counts {
    /// The sum of two.
    pub fn plus(&self, other: &Self) -> Self {
        let mut warnings = self.warnings.clone();
        for (code, count) in &other.warnings {
            *warnings.entry(code.clone()).or_default() += count;
        }
        Self {
            received: self.received + other.received,
            created: self.created + other.created,
            unchanged: self.unchanged + other.unchanged,
            revised: self.revised + other.revised,
            rejected: self.rejected + other.rejected,
            warnings,
            registered: self.registered.union(&other.registered).cloned().collect(),
        }
    }
}

/// Why an import ended early or was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// The stable code.
    pub code: Code,
    /// How far it came, and what to do.
    pub detail: String,
}

/// One file of declarations on its way in, or processed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"id": "0198c5a0-0000-7000-8000-000000000000",
    "sha256": "fd600dde013fbf4a9abe14ef7dc5d6f218b087a29a9d66a4662b51a51e2c1aac", "state": "done",
    "mode": "per_row", "dry_run": false, "historical": false, "received": 37385, "created": 37365,
    "unchanged": 0, "revised": 0, "rejected": 20, "warnings": {"commodity-not-in-edition": 1555},
    "failure": null, "created_at": "2026-11-24T01:00:00Z",
    "finished_at": "2026-11-24T01:00:03Z"}))]
pub struct Import {
    /// UUIDv7.
    #[schema(example = "0198c5a0-0000-7000-8000-000000000000")]
    pub id: String,
    /// SHA-256 of the body as it was sent.
    pub sha256: String,
    /// How far it is.
    pub state: State,
    /// Whether rows stand alone.
    pub mode: Mode,
    /// Whether it only checked: the counts say what would have happened.
    pub dry_run: bool,
    /// Whether inspection days follow `declared_at`.
    pub historical: bool,
    /// How many rows became what.
    #[serde(flatten)]
    pub counts: Counts,
    /// Why it ended early; null while it runs and when it is done.
    pub failure: Option<Failure>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Who sent it.
    #[serde(skip)]
    pub actor: String,
    /// The columns of a CSV in their order; none for NDJSON.
    #[serde(skip)]
    pub heading: Option<Vec<String>>,
    /// Its last sign of life.
    #[serde(skip)]
    pub touched_at: DateTime<Utc>,
}

/// How long a running import may show no sign of life. A chunk takes about a second.
const SILENCE: TimeDelta = TimeDelta::minutes(5);

impl Import {
    /// The import as it stands: one that runs and gave no sign of life for five minutes was
    /// interrupted, whatever the record says.
    pub fn as_of(self, now: DateTime<Utc>) -> Self {
        if self.state != State::Running || now - self.touched_at < SILENCE {
            return self;
        }
        Self {
            state: State::Failed,
            failure: Some(Failure::interrupted()),
            finished_at: Some(self.touched_at),
            ..self
        }
    }

    /// The moment before which a running import must have given its last sign of life to count as
    /// interrupted.
    pub fn silent_since(now: DateTime<Utc>) -> DateTime<Utc> {
        now - SILENCE
    }
}

impl Failure {
    /// The process ended before the import did.
    pub fn interrupted() -> Self {
        Self {
            code: Code::Interrupted,
            detail: "the import broke off, for the process that worked on it ended: send the file \
                again; rows that were accepted answer `unchanged`"
                .into(),
        }
    }
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"row": 81204, "byte_offset": 9744480,
    "declaration_number": "EXP-2026-81204", "outcome": "rejected",
    "errors": [{"pointer": "/destination_country", "code": "country-unknown",
        "detail": "`ZZ` is no ISO 3166-1 alpha-2 country code"}],
    "content": "EXP-2026-81204,CNTAO,91370200MA3C,ZZ,850760,1200,C62,2026-11-24T09:22:03+08:00"}))]
pub struct ImportRow {
    /// The row, from 1; the heading of a CSV and blank lines are no rows.
    #[schema(example = 81_204)]
    pub row: u64,
    /// Where the row begins in the text after decompression, from 0.
    #[schema(example = 9_744_480)]
    pub byte_offset: u64,
    /// The number as far as it could be read.
    pub declaration_number: Option<String>,
    /// What became of it.
    pub outcome: RowOutcome,
    /// Rules it breaks, or warnings.
    pub errors: Vec<FieldError>,
    /// A rejected row as it was sent, up to 8,192 bytes; null when it was longer.
    pub content: Option<String>,
}

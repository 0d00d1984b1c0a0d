//! Signals: what deserves somebody's attention, with the numbers that say so.

use crate::domain::draw::{Candidate, Draw};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use utoipa::ToSchema;

/// What kind of signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// A draw shrank its chances below a half: the day asked for more than twice what the office
    /// could do. Many declarations of one exporter may have been meant to do just that.
    CapacityShortfall,
    /// Directives alone took more than the office could do.
    DirectivesOverCapacity,
}

impl SignalKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::CapacityShortfall, Self::DirectivesOverCapacity];

    /// The value as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CapacityShortfall => "capacity_shortfall",
            Self::DirectivesOverCapacity => "directives_over_capacity",
        }
    }

    /// Finds a value by its text.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where a signal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignalState {
    /// Nobody has said that they know of it.
    Open,
    /// Somebody has.
    Acknowledged,
}

/// Who knows of a signal, and what they say to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// What they say.
    pub note: String,
    /// When.
    pub acknowledged_at: DateTime<Utc>,
    /// Who.
    pub acknowledged_by: String,
    /// Its event in the office's chain.
    pub chain_sequence: i64,
}

/// A signal as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// What it is about, then its kind: `CNTAO-20261124-1-capacity-shortfall`.
    pub id: String,
    /// Its kind.
    pub kind: SignalKind,
    /// The office.
    pub office: String,
    /// The inspection day.
    pub day: NaiveDate,
    /// The numbers behind it, an object whose fields belong to the kind.
    pub evidence: Value,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// Its event in the office's chain.
    pub chain_sequence: i64,
    /// Who knows of it.
    pub acknowledged: Option<Acknowledgement>,
}

/// The id of a signal about a draw.
pub fn signal_id(draw: &str, kind: SignalKind) -> String {
    format!("{draw}-{}", kind.as_str().replace('_', "-"))
}

/// What a draw says about its day: each kind with the numbers behind it.
pub fn of_draw(draw: &Draw, frame: &[Candidate]) -> Vec<(SignalKind, Value)> {
    let short = draw.given.saturating_mul(2) < draw.asked;
    let crowded = draw.take_all > u64::from(draw.capacity);
    let mut kinds = Vec::new();
    kinds.extend(short.then_some(SignalKind::CapacityShortfall));
    kinds.extend(crowded.then_some(SignalKind::DirectivesOverCapacity));
    if kinds.is_empty() {
        return Vec::new();
    }
    let evidence = evidence(draw, frame);
    kinds.into_iter().map(|kind| (kind, evidence.clone())).collect()
}

/// How many of the largest exporters are counted.
const LARGEST: usize = 5;

/// The numbers of a draw, whole, so that their digest is the same everywhere.
fn evidence(draw: &Draw, frame: &[Candidate]) -> Value {
    let mut rows: HashMap<&str, u64> = HashMap::new();
    for candidate in frame {
        *rows.entry(&candidate.exporter_id).or_default() += 1;
    }
    let mut largest: Vec<u64> = rows.into_values().collect();
    largest.sort_unstable_by(|a, b| b.cmp(a));
    largest.truncate(LARGEST);
    let shrink = draw.given.saturating_mul(1_000_000).checked_div(draw.asked);
    json!({
        "draw": draw.id,
        "retrospective": draw.retrospective,
        "rows": draw.frame_rows,
        "take_all": draw.take_all,
        "capacity": draw.capacity,
        "asked_milli": milli(draw.asked),
        "given_milli": milli(draw.given),
        "shrink_ppm": shrink.map_or(1_000_000, |ppm| u64::try_from(ppm).unwrap_or(u64::MAX)),
        "largest_exporters": largest,
    })
}

/// A sum of chances in thousandths of an inspection, rounded down.
fn milli(sum: u128) -> u64 {
    u64::try_from(sum.saturating_mul(1_000) >> 32).unwrap_or(u64::MAX)
}

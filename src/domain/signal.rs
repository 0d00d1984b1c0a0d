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
    /// The chances of a day, over all its rounds, shrank below a half: it asked for more than twice
    /// what the office could do. Many declarations of one exporter may have been meant to do just that.
    CapacityShortfall,
    /// Directives alone took more than the office could do that day, over all its rounds.
    DirectivesOverCapacity,
    /// A frozen frame has waited too long for its entropy: its goods are neither held nor released.
    EntropyOverdue,
    /// The auditor's secret gives another value than was released: the draw does not verify.
    ReleaseWrong,
    /// The failure rate of a period lies above the upper limit of its control chart.
    RateAboveLimit,
    /// It lies below the lower limit: better goods, or inspections that find less.
    RateBelowLimit,
    /// Several periods together lie too far off: EWMA or CUSUM of the chart signal.
    RateDrift,
}

impl SignalKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::CapacityShortfall,
        Self::DirectivesOverCapacity,
        Self::EntropyOverdue,
        Self::ReleaseWrong,
        Self::RateAboveLimit,
        Self::RateBelowLimit,
        Self::RateDrift,
    ];

    /// The value as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CapacityShortfall => "capacity_shortfall",
            Self::DirectivesOverCapacity => "directives_over_capacity",
            Self::EntropyOverdue => "entropy_overdue",
            Self::ReleaseWrong => "release_wrong",
            Self::RateAboveLimit => "rate_above_limit",
            Self::RateBelowLimit => "rate_below_limit",
            Self::RateDrift => "rate_drift",
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
    /// What it is about, then its kind: `CNTAO-20261124-1-capacity-shortfall`,
    /// `chart-month-africa-2026-10-rate-above-limit`.
    pub id: String,
    /// Its kind.
    pub kind: SignalKind,
    /// The office; [`NO_OFFICE`](crate::domain::chain::NO_OFFICE) for what is seen over all.
    pub office: String,
    /// The inspection day; of a period, its last.
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

/// The id of a signal: what it is about, a draw or the period of a chart, and its kind.
pub fn signal_id(about: &str, kind: SignalKind) -> String {
    format!("{about}-{}", kind.as_str().replace('_', "-"))
}

/// What the rounds of a day come to.
#[derive(Clone, Copy, Debug, Default)]
struct Day {
    rounds: u32,
    /// Of the first round, before any other took of it.
    capacity: u32,
    take_all: u64,
    asked: u128,
    given: u128,
}

impl Day {
    fn of<'a>(rounds: impl IntoIterator<Item = &'a Draw>) -> Self {
        rounds.into_iter().fold(Self::default(), |day, draw| Self {
            rounds: day.rounds + 1,
            capacity: if day.rounds == 0 { draw.capacity } else { day.capacity },
            take_all: day.take_all.saturating_add(draw.take_all),
            asked: day.asked.saturating_add(draw.asked),
            given: day.given.saturating_add(draw.given),
        })
    }

    fn says(&self, kind: SignalKind) -> bool {
        match kind {
            SignalKind::CapacityShortfall => self.given.saturating_mul(2) < self.asked,
            SignalKind::DirectivesOverCapacity => self.take_all > u64::from(self.capacity),
            // Said by the time that passes, by the auditor, and by results, not by what was drawn.
            SignalKind::EntropyOverdue
            | SignalKind::ReleaseWrong
            | SignalKind::RateAboveLimit
            | SignalKind::RateBelowLimit
            | SignalKind::RateDrift => false,
        }
    }
}

/// What a draw says about its day, which the rounds `earlier` than it had not said yet: each kind with
/// the numbers behind it. A later round may get little, for an earlier one used the day's capacity; what
/// counts is what the day got.
pub fn of_draw(draw: &Draw, earlier: &[Draw], frame: &[Candidate]) -> Vec<(SignalKind, Value)> {
    let (before, day) = (Day::of(earlier), Day::of(earlier.iter().chain([draw])));
    let new = |kind: &SignalKind| day.says(*kind) && !before.says(*kind);
    let kinds = SignalKind::ALL.into_iter().filter(new).collect::<Vec<_>>();
    if kinds.is_empty() {
        return Vec::new();
    }
    let evidence = evidence(draw, day, frame);
    kinds.into_iter().map(|kind| (kind, evidence.clone())).collect()
}

/// How many of the largest exporters are counted.
const LARGEST: usize = 5;

/// The numbers, whole, so that their digest is the same everywhere: rows and exporters of the draw, the
/// others of the day as far as it is drawn.
fn evidence(draw: &Draw, day: Day, frame: &[Candidate]) -> Value {
    let mut rows: HashMap<&str, u64> = HashMap::new();
    for candidate in frame {
        *rows.entry(&candidate.exporter_id).or_default() += 1;
    }
    let mut largest: Vec<u64> = rows.into_values().collect();
    largest.sort_unstable_by(|a, b| b.cmp(a));
    largest.truncate(LARGEST);
    let shrink = day.given.saturating_mul(1_000_000).checked_div(day.asked);
    json!({
        "draw": draw.id,
        "retrospective": draw.retrospective,
        "rows": draw.frame_rows,
        "rounds": day.rounds,
        "take_all": day.take_all,
        "capacity": day.capacity,
        "asked_milli": milli(day.asked),
        "given_milli": milli(day.given),
        "shrink_ppm": shrink.map_or(1_000_000, |ppm| u64::try_from(ppm).unwrap_or(u64::MAX)),
        "largest_exporters": largest,
    })
}

/// A sum of chances in thousandths of an inspection, rounded down.
fn milli(sum: u128) -> u64 {
    u64::try_from(sum.saturating_mul(1_000) >> 32).unwrap_or(u64::MAX)
}

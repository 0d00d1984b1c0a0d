//! Who stands for a policy or a campaign: one person proposes it, another approves it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The second person's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Approval {
    /// Who approved it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What was said about it.
    pub note: Option<String>,
}

/// The first day that has not passed everywhere: somewhere on Earth it is still yesterday, so there
/// are twelve hours of grace.
///
/// ```
/// # use breeze::domain::approval::open_day;
/// let at = |text: &str| open_day(text.parse().unwrap()).to_string();
/// assert_eq!(at("2026-11-24T11:59:59Z"), "2026-11-23");
/// assert_eq!(at("2026-11-24T12:00:00Z"), "2026-11-24");
/// ```
pub fn open_day(now: DateTime<Utc>) -> NaiveDate {
    now.checked_sub_signed(TimeDelta::hours(12)).unwrap_or(now).date_naive()
}

/// Which signatures count for a frame: those given before a moment, or all there are, and those of
/// history's own.
///
/// A frame with live declarations counts what was signed before it closed: whoever signs later has
/// seen who is in it. A frame of history alone counts everything, for it is drawn when asked.
pub type SignedBefore = Option<DateTime<Utc>>;

/// Whether a signature of a moment counts.
pub fn counts(at: DateTime<Utc>, signed_before: SignedBefore) -> bool {
    signed_before.is_none_or(|moment| at < moment)
}

/// Whether a proposal governs a day. Approved in time, it does. Brought in as history it does alone,
/// in frames of history alone, for the days that had passed by then: nobody governs a live frame alone.
pub fn governs(
    day: NaiveDate,
    approved_at: Option<DateTime<Utc>>,
    history: Option<DateTime<Utc>>,
    signed_before: SignedBefore,
) -> bool {
    approved_at.is_some_and(|at| counts(at, signed_before))
        || signed_before.is_none() && history.is_some_and(|at| day < open_day(at))
}

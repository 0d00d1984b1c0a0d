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

/// Whether a proposal governs a day: approved, it does; brought in as history, it does alone for the
/// days that had passed by then, so that nobody governs a coming day alone.
pub fn governs(
    day: NaiveDate,
    approved: bool,
    historical: bool,
    proposed_at: DateTime<Utc>,
) -> bool {
    approved || historical && day < open_day(proposed_at)
}

//! What became of an exporter's last inspections, as one word.

use serde::{Deserialize, Serialize};

/// The exporter's last outcome and how often in a row, counted up to three.
///
/// ```
/// use breeze::statistics::risk::Streak;
/// let streak = [true, true, false].into_iter().fold(Streak::None, Streak::after);
/// assert_eq!(streak.label(), "P1");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Streak {
    /// No outcome known.
    #[default]
    #[serde(rename = "none")]
    None,
    /// Failed once.
    F1,
    /// Failed twice in a row.
    F2,
    /// Failed three times in a row, or more.
    F3,
    /// Passed once.
    P1,
    /// Passed twice in a row.
    P2,
    /// Passed three times in a row, or more.
    P3,
}

impl Streak {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::None, Self::F1, Self::F2, Self::F3, Self::P1, Self::P2, Self::P3];

    /// `none`, `F1` to `F3`, `P1` to `P3`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::F1 => "F1",
            Self::F2 => "F2",
            Self::F3 => "F3",
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
        }
    }

    /// The streak after one more outcome.
    #[must_use]
    pub const fn after(self, failed: bool) -> Self {
        match (failed, self) {
            (true, Self::F1) => Self::F2,
            (true, Self::F2 | Self::F3) => Self::F3,
            (true, _) => Self::F1,
            (false, Self::P1) => Self::P2,
            (false, Self::P2 | Self::P3) => Self::P3,
            (false, _) => Self::P1,
        }
    }
}

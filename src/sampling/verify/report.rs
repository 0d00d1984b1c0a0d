//! What a verification says.

use std::fmt;

use super::Difference;
use crate::sampling::ticket::DrawId;

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The draw that the frame names; `None` where no frame could be read.
    pub draw: Option<DrawName>,
    /// The verdict.
    pub verdict: Verdict,
    /// Rows of the frame.
    pub candidates: usize,
    /// Rows of the sample, recomputed.
    pub drawn: usize,
    /// What a reader should know besides the verdict.
    pub notes: Vec<String>,
    /// Whether the draw rests on the value of a beacon, which is taken as it stands in the files.
    pub unchecked_beacon: bool,
}

/// Which draw it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawName {
    /// Office code.
    pub office: String,
    /// Inspection day, `YYYYMMDD`.
    pub day: String,
    /// Round of the day, from 1.
    pub round: u32,
}

impl From<DrawId<'_>> for DrawName {
    fn from(id: DrawId) -> Self {
        DrawName { office: id.office.into(), day: id.day.into(), round: id.round }
    }
}

impl fmt::Display for DrawName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.office, self.day, self.round)
    }
}

/// The outcome of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was recomputed, and nothing differs.
    Verified,
    /// The same, but the value of the beacon is taken as given: who invents it steers the draw.
    VerifiedExceptBeacon,
    /// What is published agrees; these files are still closed.
    VerifiedSoFar {
        /// Names of the files not yet published, and the auditor's secret where it was not given.
        closed: Vec<&'static str>,
    },
    /// Something differs; the first of it.
    Differs(Difference),
}

impl Verdict {
    /// The verdict as a word of the API.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Verified => "verified",
            Verdict::VerifiedExceptBeacon => "verified_except_beacon",
            Verdict::VerifiedSoFar { .. } => "verified_so_far",
            Verdict::Differs(_) => "differs",
        }
    }
}

impl Default for Verdict {
    /// Nothing was looked at yet.
    fn default() -> Self {
        Verdict::Differs(Difference::of_file("", "nothing was verified"))
    }
}

impl Report {
    /// Whether nothing differs, closed files apart.
    pub fn agrees(&self) -> bool {
        !matches!(self.verdict, Verdict::Differs(_))
    }

    /// The verdict in one plain line.
    pub fn line(&self) -> String {
        let name = self.draw.as_ref().map_or(String::new(), |draw| format!(" {draw}"));
        let candidates = counted(self.candidates, "declaration");
        match &self.verdict {
            Verdict::Verified => format!(
                "VERIFIED{name}: {} of {candidates} drawn; every chance, ticket, hit and assignment \
                 follows from the published files",
                self.drawn,
            ),
            Verdict::VerifiedExceptBeacon => format!(
                "VERIFIED EXCEPT THE BEACON VALUE{name}: {} of {candidates} drawn; everything follows \
                 from the published files and from a beacon value that must be compared with the \
                 chain's own record",
                self.drawn,
            ),
            Verdict::VerifiedSoFar { closed } if self.draw.is_none() => {
                format!("VERIFIED SO FAR: still closed {}", listed_with_verb(closed))
            }
            Verdict::VerifiedSoFar { closed } => format!(
                "VERIFIED SO FAR{name}: the chances of {candidates} follow from the frame; still \
                 closed {}",
                listed_with_verb(closed),
            ),
            Verdict::Differs(difference) => format!("DIFFERS{name}: {difference}"),
        }
    }
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// `are a, b and c`, `is a`.
fn listed_with_verb(names: &[&str]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{verb} {}", listed(names))
}

/// `a, b and c`.
pub(super) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).into(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

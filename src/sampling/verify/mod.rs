//! Recomputes a draw from its published files alone, and says the first thing that differs.
//!
//! The verifier trusts nothing it can recompute: the chances from proportion, factor, floor,
//! capacity and directives; the commitment from the secret; seed, tickets, start, sample and
//! assignment from secret, entropy, frame and roster. What it cannot recompute is held by a digest:
//! the pseudonyms of exporters (their ids are not published), the words of policy and risk model and
//! the closing time stand in `frame.tsv`, whose SHA-256 stands in `sample.tsv`; the roster's stands
//! in the header of the frame. As every file has one spelling only, no bit can change unseen.
//!
//! A draw that is not yet revealed verifies as far as it can, and the report says what is closed.

mod difference;
mod examine;
mod presence;
mod report;

use std::collections::BTreeMap;

pub use self::{
    difference::Difference,
    report::{DrawName, Report, Verdict},
};

/// The files of a draw, by name. Reading folder or archive is up to the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// Name → bytes, names without folder.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Bundle {
    /// The bytes of a file.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }
}

/// Verifies the published files of one draw.
///
/// Never fails: what is missing, broken or different is the report's verdict.
///
/// ```
/// use breeze::sampling::verify::{Bundle, verify};
/// let report = verify(&Bundle::default());
/// assert_eq!(report.line(), "DIFFERS: no file of a draw is here; expected are \
///     commitment.txt, frame.tsv, roster.tsv, sample.tsv and reveal.txt");
/// ```
pub fn verify(bundle: &Bundle) -> Report {
    let mut report = Report::default();
    report.verdict = match examine::examine(bundle, &mut report) {
        Ok(closed) if closed.is_empty() && report.unchecked_beacon => Verdict::VerifiedExceptBeacon,
        Ok(closed) if closed.is_empty() => Verdict::Verified,
        Ok(closed) => Verdict::VerifiedSoFar { closed },
        Err(difference) => Verdict::Differs(difference),
    };
    report
}

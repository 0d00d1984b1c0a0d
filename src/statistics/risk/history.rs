//! What was known of an exporter before a day.

use super::streak::Streak;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Outcomes by exporter. It may be told in any order and asked at any time; an answer depends
/// only on what it was told of days before the one asked for.
///
/// ```
/// use breeze::statistics::risk::{History, Outcome, Streak};
/// use chrono::NaiveDate;
/// let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
/// let mut history = History::default();
/// let passed = |day, number| Outcome { exporter_id: "E1", day, number, failed: false, severity: None };
/// history.tell(passed(day(2), "D-1"));
/// history.tell(Outcome { failed: true, severity: Some("major"), ..passed(day(3), "D-2") });
/// let past = history.before("E1", day(3));
/// assert_eq!((past.streak, past.last_severity), (Streak::P1, "pass"));
/// let past = history.before("E1", day(4));
/// assert_eq!((past.streak, past.last_severity), (Streak::F1, "major"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct History {
    exporters: BTreeMap<Box<str>, Vec<Known>>,
    /// The words for severities that were met.
    words: Vec<Box<str>>,
    /// Where each stands among the words.
    places: BTreeMap<Box<str>, usize>,
}

/// The outcome of an inspection, from the day it became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome<'a> {
    /// The exporter.
    pub exporter_id: &'a str,
    /// The day the result became known.
    pub day: NaiveDate,
    /// The declaration's number; orders the outcomes of one day, byte by byte.
    pub number: &'a str,
    /// Whether it failed.
    pub failed: bool,
    /// How severely it failed, or how well it passed where passes are graded. Without a grade a
    /// pass is `pass` and a failure `fail`.
    pub severity: Option<&'a str>,
}

/// What was known of an exporter before a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past<'a> {
    /// The last outcome and how often in a row.
    pub streak: Streak,
    /// The severity of the last outcome: `pass` after a pass without a grade, `none` without
    /// history.
    pub last_severity: &'a str,
}

#[derive(Clone, Debug)]
struct Known {
    day: NaiveDate,
    number: Box<str>,
    failed: bool,
    /// Where among the words.
    severity: usize,
}

/// As many outcomes as a streak counts.
const LOOK_BACK: usize = 3;

impl History {
    /// Takes an outcome in. Told again with the same exporter, day and number, it replaces what
    /// was told before.
    pub fn tell(&mut self, outcome: Outcome<'_>) {
        let Outcome { day, failed, .. } = outcome;
        let ungraded = if failed { "fail" } else { "pass" };
        let severity = self.word(outcome.severity.unwrap_or(ungraded));
        let known = Known { day, number: outcome.number.into(), failed, severity };
        let Some(outcomes) = self.exporters.get_mut(outcome.exporter_id) else {
            self.exporters.insert(outcome.exporter_id.into(), vec![known]);
            return;
        };
        let key = (outcome.day, outcome.number);
        let found = outcomes.binary_search_by(|known| (known.day, &*known.number).cmp(&key));
        match found {
            Ok(at) => outcomes.splice(at..=at, [known]).for_each(drop),
            Err(at) => outcomes.insert(at, known),
        }
    }

    /// What was known of an exporter before `day`: outcomes of that day itself are left out.
    #[must_use]
    pub fn before(&self, exporter_id: &str, day: NaiveDate) -> Past<'_> {
        self.before_for(exporter_id, day, None)
    }

    /// [`History::before`] for a declaration that may have been told of itself: its own outcome is no
    /// part of its past.
    ///
    /// ```
    /// use breeze::statistics::risk::{History, Outcome, Streak};
    /// use chrono::NaiveDate;
    /// let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    /// let mut history = History::default();
    /// for (on, number) in [(1, "D-1"), (2, "D-2"), (3, "D-3"), (4, "D-4")] {
    ///     let (failed, severity) = (number == "D-4", None);
    ///     history.tell(Outcome { exporter_id: "E1", day: day(on), number, failed, severity });
    /// }
    /// assert_eq!(history.before("E1", day(5)).streak, Streak::F1);
    /// assert_eq!(history.before_for("E1", day(5), Some("D-4")).streak, Streak::P3);
    /// ```
    #[must_use]
    pub fn before_for(&self, exporter_id: &str, day: NaiveDate, own: Option<&str>) -> Past<'_> {
        let outcomes = self.exporters.get(exporter_id).map_or(&[][..], Vec::as_slice);
        let earlier = outcomes.partition_point(|known| known.day < day);
        let earlier = outcomes.get(..earlier).unwrap_or_default().iter().rev();
        let others = earlier.filter(|known| own != Some(&*known.number));
        let recent: Vec<&Known> = others.take(LOOK_BACK).collect();
        let failures = recent.iter().rev().map(|known| known.failed);
        let streak = failures.fold(Streak::None, Streak::after);
        let last =
            recent.first().map(|known| self.words.get(known.severity).map_or("", |word| word));
        Past { streak, last_severity: last.unwrap_or("none") }
    }

    /// Where a word stands.
    fn word(&mut self, word: &str) -> usize {
        if let Some(met) = self.places.get(word) {
            return *met;
        }
        let place = self.words.len();
        self.words.push(word.into());
        self.places.insert(word.into(), place);
        place
    }
}

//! What was known of an exporter before a day, as the two words a score sees.

use crate::error::Result;
use crate::statistics::risk::Streak;
use crate::store::{self, Conn};
use chrono::NaiveDate;
use std::collections::HashMap;

/// An exporter's past before a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::flow) struct Past {
    /// The last outcome and how often in a row.
    pub streak: Streak,
    /// The severity of the last outcome: `pass` after a pass, `none` without history.
    pub last_severity: String,
}

impl Past {
    /// Nothing is known.
    pub fn none() -> Self {
        Self { streak: Streak::None, last_severity: "none".into() }
    }

    /// As kept with a frame: `F2/major`.
    pub fn label(&self) -> String {
        format!("{}/{}", self.streak.label(), self.last_severity)
    }

    /// Reads what [`Past::label`] wrote.
    pub fn find(label: &str) -> Option<Self> {
        let (streak, severity) = label.split_once('/')?;
        let streak = Streak::ALL.into_iter().find(|known| known.label() == streak)?;
        Some(Self { streak, last_severity: severity.to_owned() })
    }
}

/// As many outcomes as a streak counts.
const LOOK_BACK: usize = 3;

/// The pasts of exporters before a day; an exporter without any has an empty one.
pub(in crate::flow) struct Pasts {
    before: NaiveDate,
    known: HashMap<String, Vec<store::lessons::Past>>,
}

impl Pasts {
    /// Nobody's, as yet.
    pub fn before(day: NaiveDate) -> Self {
        Self { before: day, known: HashMap::new() }
    }

    /// Reads those of exporters.
    pub fn read(conn: &mut Conn, exporters: &[&str], before: NaiveDate) -> Result<Self> {
        let mut pasts = Self::before(before);
        pasts.extend(conn, exporters)?;
        Ok(pasts)
    }

    /// Reads those of exporters that were not asked for before.
    pub fn extend(&mut self, conn: &mut Conn, exporters: &[&str]) -> Result<()> {
        let unknown = exporters.iter().filter(|exporter| !self.known.contains_key(**exporter));
        let unknown: Vec<&str> = unknown.copied().collect();
        let mut found = store::lessons::of_exporters(conn, &unknown, self.before)?;
        for exporter in unknown {
            let own = found.remove(exporter).unwrap_or_default();
            self.known.entry(exporter.to_owned()).or_insert(own);
        }
        Ok(())
    }

    /// The past of a declaration's exporter; its own result, when it was imported, is not its past.
    pub fn of(&self, exporter: &str, number: &str) -> Past {
        let outcomes = self.known.get(exporter).map_or(&[][..], Vec::as_slice);
        let others = outcomes.iter().rev().filter(|known| known.declaration_number != number);
        let recent: Vec<_> = others.take(LOOK_BACK).collect();
        recent.iter().rev().fold(Past::none(), |past, known| Past {
            streak: past.streak.after(known.failed),
            last_severity: known.severity.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_past_reads_back_as_it_was_kept() {
        let past = Past { streak: Streak::F2, last_severity: "major".into() };
        assert_eq!(past.label(), "F2/major");
        assert_eq!(Past::find("F2/major"), Some(past));
        assert_eq!(Past::find("none/none"), Some(Past::none()));
        assert_eq!(Past::find("F9/none"), None);
    }
}

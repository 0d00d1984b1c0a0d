//! Lessons: what the risk score learns from. One for each declaration whose goods passed or failed.
//!
//! A lesson says what is in force *now*, and the day since which it has said so. Whoever learns as
//! of a day takes the lessons known before it: what was amended later is not among them, neither as
//! it reads today nor as it read then, so a correction never leaks into the past.

use crate::domain::calendar::Calendar;
use crate::domain::draw::{self, SampleItem};
use crate::domain::imported::ImportedResult;
use crate::domain::inspection::{Finding, Inspection, Outcome};
use crate::domain::reference::defect::DefectClass;
use chrono::NaiveDate;

/// The severity of a pass.
pub const PASS: &str = "pass";
/// The severity of a failure of which none is stated.
pub const UNSTATED: &str = "unstated";

/// What the result of one declaration teaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// The declaration.
    pub declaration_number: String,
    /// Its exporter.
    pub exporter_id: String,
    /// Its office.
    pub office: String,
    /// The office-local day since which the lesson reads as it does. Of an inspection: when the
    /// first of the results was recorded that have said the same ever since. Of an imported result:
    /// the day of `inspected_at`.
    pub known_on: NaiveDate,
    /// Whether the goods failed.
    pub failed: bool,
    /// [`PASS`] for a pass; for a failure the worst class of its defects (`critical`, `major`,
    /// `minor`), or what an imported file states; [`UNSTATED`] without either.
    pub severity: String,
    /// Who inspected, `office/inspector`: the ids of two offices do not meet.
    pub inspector: Option<String>,
    /// Where it comes from.
    pub source: Source,
    /// How the declaration came to be inspected.
    pub selection: Selection,
}

/// Where a lesson comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// An inspection of a drawn item.
    Inspection,
    /// A result found before Breeze.
    Import,
}

/// How a declaration came to be inspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Drawn by chance.
    Random,
    /// Ordered.
    Directive,
    /// Chosen by somebody, before Breeze.
    Targeted,
    /// Everything was inspected.
    All,
    /// Nobody knows any more.
    Unknown,
}

impl Source {
    /// As text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inspection => "inspection",
            Self::Import => "import",
        }
    }

    /// Finds it by its text.
    pub fn find(text: &str) -> Option<Self> {
        [Self::Inspection, Self::Import].into_iter().find(|source| source.as_str() == text)
    }
}

impl Selection {
    /// Every selection.
    pub const ALL: [Self; 5] =
        [Self::Random, Self::Directive, Self::Targeted, Self::All, Self::Unknown];

    /// As text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Directive => "directive",
            Self::Targeted => "targeted",
            Self::All => "all",
            Self::Unknown => "unknown",
        }
    }

    /// Finds it by its text.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|selection| selection.as_str() == text)
    }
}

/// The part of a result that teaches something.
#[derive(PartialEq, Eq)]
struct Taught {
    failed: bool,
    severity: &'static str,
    inspector: Option<String>,
}

impl Taught {
    fn of(finding: &Finding, office: &str) -> Option<Self> {
        let failed = match finding.outcome {
            Outcome::Pass => false,
            Outcome::Fail => true,
            Outcome::NotInspected => return None,
        };
        let inspector = finding.inspector.as_ref().map(|id| of_office(office, id.as_str()));
        Some(Self { failed, severity: severity(finding), inspector })
    }
}

/// The worst class of what was found.
fn severity(finding: &Finding) -> &'static str {
    let worst = finding.defects.iter().map(|defect| defect.class).min();
    match finding.outcome {
        Outcome::Fail => worst.map_or(UNSTATED, DefectClass::as_str),
        Outcome::Pass | Outcome::NotInspected => PASS,
    }
}

fn of_office(office: &str, inspector: &str) -> String {
    format!("{office}/{inspector}")
}

impl Lesson {
    /// What the result in force of an inspection teaches: nothing when the goods were not inspected.
    ///
    /// An amendment that changes nothing of it, such as one of the note, leaves its day as it was.
    pub fn of_inspection(
        inspection: &Inspection,
        item: &SampleItem,
        calendar: &Calendar,
    ) -> Option<Self> {
        let teach = |finding| Taught::of(finding, &item.office);
        let (mut taught, mut since) = (teach(&inspection.finding), inspection.recorded_at);
        for amendment in &inspection.amendments {
            let next = teach(&amendment.finding);
            if next != taught {
                (taught, since) = (next, amendment.recorded_at);
            }
        }
        let Taught { failed, severity, inspector } = taught?;
        Some(Self {
            declaration_number: item.candidate.declaration_number.clone(),
            exporter_id: item.candidate.exporter_id.clone(),
            office: item.office.clone(),
            known_on: calendar.local_day(since),
            failed,
            severity: severity.to_owned(),
            inspector,
            source: Source::Inspection,
            selection: match item.selection {
                draw::Selection::Random => Selection::Random,
                draw::Selection::Directive => Selection::Directive,
            },
        })
    }

    /// What a result teaches that was found before Breeze.
    pub fn of_import(result: &ImportedResult, exporter_id: &str, calendar: &Calendar) -> Self {
        let stated = || result.severity.as_deref().unwrap_or(UNSTATED);
        let inspector = result.inspector.as_ref();
        Self {
            declaration_number: result.declaration_number.to_string(),
            exporter_id: exporter_id.to_owned(),
            office: result.office.clone(),
            known_on: calendar.local_day(result.inspected_at),
            failed: result.failed,
            severity: if result.failed { stated() } else { PASS }.to_owned(),
            inspector: inspector.map(|id| of_office(&result.office, id.as_str())),
            source: Source::Import,
            selection: result.selection,
        }
    }
}

#[cfg(test)]
mod tests;

//! A chunk of results inside its transaction.

use super::Order;
use crate::domain::chain::NO_OFFICE;
use crate::domain::declaration::StoredDeclaration;
use crate::domain::digest;
use crate::domain::draw::SampleItem;
use crate::domain::imported::{ImportedResult, RejectedResult, ResultCounts, SentResult};
use crate::domain::inspection::{ItemState, NotInspectedReason};
use crate::domain::key::Caller;
use crate::domain::lesson::Lesson;
use crate::domain::office::Office;
use crate::domain::problem::{Code, FieldError};
use crate::error::Result;
use crate::flow::import::chunk::Entry;
use crate::flow::learn;
use crate::store::result_imports::{Added, Stamp};
use crate::store::{self, Conn, chain};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Most labels of severity over all imports: each is a level that the score tells apart.
const MOST_LABELS: usize = 20;

/// What became of a chunk.
#[derive(Default)]
pub struct Outcome {
    /// How many rows became what.
    pub counts: ResultCounts,
    /// Those that were not stored, in order.
    pub rejected: Vec<RejectedResult>,
    /// The declarations whose results stand.
    pub numbers: HashSet<String>,
}

/// One office of a chunk.
struct Desk {
    office: Office,
    /// The number of the event that will cover its results.
    sequence: i64,
    /// What was accepted, as canonical JSON, in order.
    accepted: Vec<String>,
}

/// What the database knows of the rows of a chunk, read under the locks of their offices.
struct Known {
    declarations: HashMap<String, StoredDeclaration>,
    items: HashMap<String, SampleItem>,
    imported: HashMap<String, ImportedResult>,
    /// The labels of severity of all imports so far.
    labels: BTreeSet<String>,
    desks: BTreeMap<String, Desk>,
    /// The declarations of the chunk whose results stand.
    accepted: HashSet<String>,
}

/// Stores what can be stored of a chunk: results, lessons, one event an office. `before` are the
/// declarations whose results stood in earlier chunks of the file.
pub fn accept(
    conn: &mut Conn,
    order: &Order,
    rows: &[Entry<SentResult>],
    before: &HashSet<String>,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    let mut known = Known::lock(conn, &order.caller, rows)?;
    let mut outcome = Outcome::default();
    let (mut added, mut lessons) = (Vec::new(), Vec::new());
    for row in rows {
        outcome.counts.received += 1;
        match known.judge(row, before, now) {
            Err(errors) => outcome.reject(row, errors),
            Ok(None) => outcome.counts.unchanged += 1,
            Ok(Some((new, lesson))) => {
                outcome.count(&new.result);
                added.push(new);
                lessons.push(lesson);
            }
        }
    }
    let stamp = Stamp { import: &order.id, actor: &order.caller.actor, now };
    store::result_imports::add(conn, &added, stamp)?;
    store::lessons::put(conn, &lessons)?;
    store::result_imports::add_labels(conn, &known.labels)?;
    known.log(conn, stamp)?;
    outcome.numbers = known.accepted;
    Ok(outcome)
}

impl Outcome {
    fn count(&mut self, result: &ImportedResult) {
        match result.revision {
            1 => self.counts.created += 1,
            _ => self.counts.revised += 1,
        }
    }

    fn reject(&mut self, row: &Entry<SentResult>, errors: Vec<FieldError>) {
        self.counts.rejected += 1;
        // As much of a number as one may have, and enough more to see what is wrong with it.
        let number = row.number.as_ref().map(|number| number.chars().take(100).collect());
        self.rejected.push(RejectedResult {
            row: row.line,
            byte_offset: row.byte_offset,
            declaration_number: number,
            errors,
        });
    }
}

/// A result with its lesson; none when it is there already.
type Taken = Option<(Added, Lesson)>;

impl Known {
    /// Locks the offices of the declarations that are the caller's, then reads all there is to know.
    fn lock(conn: &mut Conn, caller: &Caller, rows: &[Entry<SentResult>]) -> Result<Self> {
        let sound = rows.iter().filter_map(|row| row.checked.as_ref().ok());
        let mut numbers: Vec<&str> = sound.map(|sent| sent.declaration_number.as_str()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let seen = store::declarations::find_many(conn, &numbers)?;
        let offices = seen.values().map(|stored| stored.declaration.office.as_str());
        let mut offices: Vec<&str> = offices.filter(|code| caller.scope.holds(code)).collect();
        offices.sort_unstable();
        offices.dedup();
        lock_with_labels(conn, &offices, rows)?;
        let mut desks = BTreeMap::new();
        for code in offices {
            let office = learn::office(conn, code)?;
            let sequence = chain::next_sequence(conn, code)?;
            desks.insert(code.to_owned(), Desk { office, sequence, accepted: Vec::new() });
        }
        // Read again: only now nobody else can revise or inspect it. The office never changes.
        Ok(Self {
            declarations: store::declarations::find_many(conn, &numbers)?,
            items: store::items::of_declarations(conn, &numbers)?,
            imported: store::result_imports::in_force(conn, &numbers)?,
            labels: store::result_imports::labels(conn)?,
            desks,
            accepted: HashSet::new(),
        })
    }

    /// What becomes of a row, or every rule it breaks.
    fn judge(
        &mut self,
        row: &Entry<SentResult>,
        before: &HashSet<String>,
        now: DateTime<Utc>,
    ) -> Result<Taken, Vec<FieldError>> {
        let sent = row.checked.as_ref().map_err(Clone::clone)?;
        let number = sent.declaration_number.as_str();
        let again = before.contains(number) || self.accepted.contains(number);
        let taken = self.take(sent, again, now).map_err(|error| vec![error])?;
        self.accepted.insert(number.to_owned());
        Ok(taken)
    }

    /// A row that stands again may only say the same: else the same file would change something
    /// each time it is sent.
    fn take(
        &mut self,
        sent: &SentResult,
        again: bool,
        now: DateTime<Utc>,
    ) -> Result<Taken, FieldError> {
        let number = sent.declaration_number.as_str();
        let missing = || not_there(number);
        let stored = self.declarations.get(number).ok_or_else(missing)?;
        let desk = self.desks.get_mut(stored.declaration.office.as_str()).ok_or_else(missing)?;
        if self.items.get(number).is_some_and(is_inspected) {
            return Err(inspected(number));
        }
        if !stored.historical {
            return Err(declared_live(number));
        }
        let before = self.imported.get(number);
        let result = ImportedResult {
            declaration_number: sent.declaration_number.clone(),
            revision: before.map_or(1, |before| before.revision + 1),
            office: stored.declaration.office.to_string(),
            failed: sent.failed,
            inspected_at: inspected_at(sent, stored, &desk.office, now)?,
            selection: sent.selection,
            probability_ppm: sent.probability_ppm,
            severity: sent.severity.clone(),
            inspector: sent.inspector.clone(),
        };
        if before.is_some_and(|before| before.says_the_same(&result)) {
            return Ok(None);
        }
        if again {
            return Err(repeated(number));
        }
        if let Some(label) = taught_label(sent) {
            admit(&mut self.labels, label)?;
        }
        let exporter = stored.declaration.exporter_id.as_str();
        let lesson = Lesson::of_import(&result, exporter, &desk.office.calendar);
        desk.accepted.push(result.canonical_json());
        self.imported.insert(number.to_owned(), result.clone());
        Ok(Some((Added { result, chain_sequence: desk.sequence }, lesson)))
    }

    /// One event for each office of which something was accepted.
    fn log(&self, conn: &mut Conn, stamp: Stamp<'_>) -> Result<()> {
        for (office, desk) in self.desks.iter().filter(|(_, desk)| !desk.accepted.is_empty()) {
            let (kind, actor, object) = ("results.imported", stamp.actor, stamp.import);
            let payload = digest::sha256_hex(desk.accepted.join("\n").as_bytes());
            chain::append(conn, stamp.now, chain::Entry { office, kind, actor, object }, payload)?;
        }
        Ok(())
    }
}

/// Locks the offices; and what belongs to no office where a label of severity may be new, so that two
/// imports do not both bring the last one that there is room for. Labels are never taken back, so a
/// chunk whose labels are all known need not wait.
fn lock_with_labels(conn: &mut Conn, offices: &[&str], rows: &[Entry<SentResult>]) -> Result<()> {
    let known = store::result_imports::labels(conn)?;
    let sound = rows.iter().filter_map(|row| row.checked.as_ref().ok());
    let new = sound.filter_map(taught_label).any(|label| !known.contains(label));
    let no_office = new.then_some(NO_OFFICE);
    chain::lock(conn, &no_office.into_iter().chain(offices.iter().copied()).collect::<Vec<_>>())
}

/// The label of a row that the score would tell apart: a pass teaches that it passed.
fn taught_label(sent: &SentResult) -> Option<&str> {
    sent.severity.as_deref().filter(|_| sent.failed)
}

/// Lets a label in while there is room for new ones.
fn admit(labels: &mut BTreeSet<String>, label: &str) -> Result<(), FieldError> {
    if !labels.contains(label) && labels.len() >= MOST_LABELS {
        let known: Vec<&str> = labels.iter().map(String::as_str).collect();
        let words = format!(
            "`{label}` would be one label more than the {MOST_LABELS} that all imports may have: use \
             one of {}, or leave it out",
            known.join(", ")
        );
        return Err(FieldError::new("/severity", Code::TooManyLabels, words));
    }
    labels.insert(label.to_owned());
    Ok(())
}

/// Foreign and missing are alike.
fn not_there(number: &str) -> FieldError {
    let words = format!("there is no declaration `{number}`");
    FieldError::new("/declaration_number", Code::NotFound, words)
}

fn inspected(number: &str) -> FieldError {
    let words = format!(
        "`{number}` has an inspection, whose result stands: it is corrected by an amendment"
    );
    FieldError::new("/declaration_number", Code::AlreadyRecorded, words)
}

/// What is imported aims the draw of coming goods, and one person alone may import.
fn declared_live(number: &str) -> FieldError {
    let words = format!(
        "`{number}` was declared live: its result comes from the inspection of its drawn item; only \
         what was brought in as history takes an imported one"
    );
    FieldError::new("/declaration_number", Code::DeclaredLive, words)
}

fn repeated(number: &str) -> FieldError {
    let words = format!("`{number}` stands further up with another result");
    FieldError::new("/declaration_number", Code::NumberRepeated, words)
}

/// Whether an item has an inspection. One that its declaration's cancellation closed has none.
fn is_inspected(item: &SampleItem) -> bool {
    item.state != ItemState::Open
        && item.not_inspected_reason != Some(NotInspectedReason::Cancelled)
}

/// When the goods were inspected; where the row does not say, when the frame of the day closed.
fn inspected_at(
    sent: &SentResult,
    stored: &StoredDeclaration,
    office: &Office,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, FieldError> {
    let wrong = |words| FieldError::new("/inspected_at", Code::TimeInvalid, words);
    let Some(at) = sent.inspected_at else {
        let closed = office.calendar.closes_at(stored.inspection_day);
        return match closed > now {
            false => Ok(closed),
            true => Err(wrong(format!(
                "is missing, and the frame of {} has not closed: say when it was inspected",
                stored.inspection_day
            ))),
        };
    };
    // A day of grace: many files know days only, and offices lie in other time zones.
    let declared_at = stored.declaration.declared_at;
    match at + TimeDelta::days(1) < declared_at {
        false => Ok(at),
        true => {
            Err(wrong(format!("lies more than a day before {declared_at}, when it was declared")))
        }
    }
}

//! Accept declarations: one at a time or a chunk of an import, by the same rules.

use crate::domain::chain::Receipt;
use crate::domain::declaration::{Checked, StoredDeclaration};
use crate::domain::digest;
use crate::domain::key::Caller;
use crate::domain::office::Office;
use crate::domain::problem::{Code, FieldError, Problem};
use crate::error::Result;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, HashMap};

/// What happens when the number is there with other content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnChange {
    /// It becomes a new revision while its frame is open.
    Revise,
    /// It is refused, with the fields that differ.
    Refuse,
    /// It becomes a new revision if the stored one has this number.
    IfRevision(i32),
}

/// How declarations come in.
#[derive(Clone, Copy, Debug)]
pub struct Intake {
    /// The inspection day follows `declared_at` instead of the server's clock.
    pub historical: bool,
    /// What happens with other content.
    pub on_change: OnChange,
}

/// What became of an accepted declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    Created,
    /// It was there with the same content.
    Unchanged,
    /// It is a new revision.
    Revised,
}

/// An accepted declaration.
#[derive(Debug)]
pub struct Accepted {
    /// What became of it.
    pub outcome: Outcome,
    /// As it is kept now.
    pub stored: StoredDeclaration,
}

/// Accepts one declaration and gives the receipt of its latest event.
///
/// # Errors
/// Every rule that stands against it, by its code.
pub fn put(
    store: &Store,
    caller: &Caller,
    checked: &Checked,
    intake: Intake,
    now: DateTime<Utc>,
) -> Result<(Accepted, Receipt)> {
    store.write(|conn| {
        let mut accepted = accept(conn, caller, &[checked], intake, now, None)?;
        let accepted = accepted.pop().unwrap_or_else(|| {
            Err(Problem::new(Code::Internal, "one declaration went in and none came out"))
        })?;
        let office = accepted.stored.declaration.office.as_str();
        let receipt = chain::receipt(conn, office, accepted.stored.chain_sequence)?;
        Ok((accepted, receipt))
    })
}

/// Accepts many declarations in one transaction: the outcome of each, in order. `name` stands in the
/// log for all of them.
///
/// # Errors
/// Those of the database; what stands against a declaration is its outcome.
pub fn put_all(
    store: &Store,
    caller: &Caller,
    checked: &[Checked],
    intake: Intake,
    now: DateTime<Utc>,
    name: &str,
) -> Result<Vec<Result<Accepted, Problem>>> {
    let rows: Vec<&Checked> = checked.iter().collect();
    store.write(|conn| accept(conn, caller, &rows, intake, now, Some(name)))
}

/// The offices of a chunk, as the transaction sees them.
struct Offices(BTreeMap<String, Office>);

impl Offices {
    /// Locks the chains of the offices that are registered and the caller's, then reads them: under
    /// the lock, so that no calendar changes in between.
    fn lock(conn: &mut Conn, caller: &Caller, rows: &[&Checked]) -> Result<Self> {
        let mut codes: Vec<&str> = rows.iter().map(|row| row.declaration.office.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        codes.retain(|code| caller.scope.holds(code));
        let codes = store::offices::registered(conn, &codes)?;
        chain::lock(conn, &codes.iter().map(String::as_str).collect::<Vec<_>>())?;
        let mut known = BTreeMap::new();
        for code in codes {
            if let Some(office) = store::offices::find(conn, &code)? {
                known.insert(code, office);
            }
        }
        Ok(Self(known))
    }
}

/// Where the rows of one office go in this transaction.
struct Desk {
    /// The number of the event that will cover them.
    sequence: i64,
    /// The inspection day of live rows.
    live_day: NaiveDate,
    /// Digests of what was accepted, in order.
    accepted: Vec<String>,
}

/// Accepts a chunk inside a transaction: the outcome of each row, in order. All changes of an office
/// in the chunk are one event of its chain; `import` names the import it belongs to.
///
/// # Errors
/// Those of the database; what stands against a row is an outcome.
pub(super) fn accept(
    conn: &mut Conn,
    caller: &Caller,
    rows: &[&Checked],
    intake: Intake,
    now: DateTime<Utc>,
    import: Option<&str>,
) -> Result<Vec<Result<Accepted, Problem>>> {
    let offices = Offices::lock(conn, caller, rows)?;
    let mut desks = BTreeMap::new();
    for (code, office) in &offices.0 {
        let sequence = chain::next_sequence(conn, code)?;
        let live_day = live_day(conn, office, now)?;
        desks.insert(code.as_str(), Desk { sequence, live_day, accepted: Vec::new() });
    }
    let mut fresh = Vec::with_capacity(rows.len());
    for row in rows {
        fresh.push(match absent_revision(conn, row, intake)? {
            Some(problem) => Err(problem),
            None => draft(&offices, &desks, row, intake, now),
        });
    }
    let new: Vec<&StoredDeclaration> = fresh.iter().filter_map(|row| row.as_ref().ok()).collect();
    let made = store::declarations::insert_new(conn, &new)?;
    let met = new.iter().zip(&made).filter(|(_, made)| !**made);
    let met: Vec<&str> = met.map(|(stored, _)| stored.declaration.number.as_str()).collect();
    let mut there = store::declarations::find_many(conn, &met)?;
    let mut made = made.into_iter();
    let mut outcomes = Vec::with_capacity(rows.len());
    for row in fresh {
        let outcome = match row {
            Err(problem) => Err(problem),
            Ok(stored) if made.next() == Some(true) => {
                Ok(Accepted { outcome: Outcome::Created, stored })
            }
            Ok(stored) => meet(conn, caller, &offices, &mut there, stored, intake, now)?,
        };
        if let Ok(accepted) = &outcome
            && accepted.outcome != Outcome::Unchanged
            && let Some(desk) = desks.get_mut(accepted.stored.declaration.office.as_str())
        {
            desk.accepted.push(accepted.stored.declaration.canonical_json());
        }
        outcomes.push(outcome);
    }
    for (office, desk) in desks.into_iter().filter(|(_, desk)| !desk.accepted.is_empty()) {
        log(conn, office, &desk, &outcomes, now, caller, import)?;
    }
    Ok(outcomes)
}

fn log(
    conn: &mut Conn,
    office: &str,
    desk: &Desk,
    outcomes: &[Result<Accepted, Problem>],
    now: DateTime<Utc>,
    caller: &Caller,
    import: Option<&str>,
) -> Result<()> {
    let only = outcomes.first().and_then(|outcome| outcome.as_ref().ok());
    let (kind, object) = match (import, only) {
        (Some(import), _) => ("declarations.imported", import),
        (None, Some(one)) if one.outcome == Outcome::Revised => {
            ("declaration.revised", one.stored.declaration.number.as_str())
        }
        (None, one) => {
            ("declaration.accepted", one.map_or("-", |one| one.stored.declaration.number.as_str()))
        }
    };
    let payload = digest::sha256_hex(desk.accepted.join("\n").as_bytes());
    let entry = chain::Entry { office, kind, actor: &caller.actor, object };
    chain::append(conn, now, entry, payload)?;
    Ok(())
}

/// The inspection day of what arrives now. When that day's frame has closed meanwhile, live intake
/// moves on to the next working day.
fn live_day(conn: &mut Conn, office: &Office, now: DateTime<Utc>) -> Result<NaiveDate> {
    let mut day = office.calendar.inspection_day(now);
    while store::declarations::is_drawn(conn, office.code.as_str(), day)? {
        day = office.calendar.working_day_after(day);
    }
    Ok(day)
}

/// A revision of what is not there cannot match (RFC 9110, 13.1.1).
fn absent_revision(conn: &mut Conn, row: &Checked, intake: Intake) -> Result<Option<Problem>> {
    let OnChange::IfRevision(revision) = intake.on_change else { return Ok(None) };
    let number = &row.declaration.number;
    let there = store::declarations::find(conn, number.as_str())?.is_some();
    let words = || format!("`{number}` is not declared yet, so it has no revision r{revision}");
    Ok((!there).then(|| Problem::new(Code::PreconditionFailed, words())))
}

/// A declaration as it would be kept if its number were new.
fn draft(
    offices: &Offices,
    desks: &BTreeMap<&str, Desk>,
    row: &Checked,
    intake: Intake,
    now: DateTime<Utc>,
) -> Result<StoredDeclaration, Problem> {
    let code = row.declaration.office.as_str();
    let (Some(office), Some(desk)) = (offices.0.get(code), desks.get(code)) else {
        let words = format!("there is no office `{code}`");
        let error = FieldError::new("/office", Code::OfficeUnknown, words.clone());
        return Err(Problem { code: Code::OfficeUnknown, detail: words, errors: vec![error] });
    };
    let inspection_day = match intake.historical {
        true => office.calendar.inspection_day(row.declaration.declared_at),
        false => desk.live_day,
    };
    // History must not slip into a frame that the office still fills.
    if intake.historical && now < office.calendar.closes_at(inspection_day) {
        let words = format!("the frame of {inspection_day} is still open: declare it live");
        return Err(Problem::new(Code::FrameOpen, words));
    }
    Ok(StoredDeclaration {
        declaration: row.declaration.clone(),
        inspection_day,
        received_at: now,
        historical: intake.historical,
        warnings: row.warnings.clone(),
        revision: 1,
        chain_sequence: desk.sequence,
        cancelled: None,
        draw_id: None,
    })
}

/// The number is there already: same content, a revision, or a reason why not.
fn meet(
    conn: &mut Conn,
    caller: &Caller,
    offices: &Offices,
    there: &mut HashMap<String, StoredDeclaration>,
    new: StoredDeclaration,
    intake: Intake,
    now: DateTime<Utc>,
) -> Result<Result<Accepted, Problem>> {
    let number = new.declaration.number.as_str();
    let Some(old) = there.get(number).cloned() else {
        return Err(crate::error::Error::inner("a declaration was refused and is not there"));
    };
    if !caller.scope.holds(old.declaration.office.as_str()) {
        let words = format!("the number `{number}` is in use elsewhere");
        return Ok(Err(Problem::new(Code::NumberTaken, words)));
    }
    if let Some((at, _)) = old.cancelled {
        let words = format!("`{number}` was cancelled on {}", at.format("%Y-%m-%d %H:%M UTC"));
        return Ok(Err(Problem::new(Code::Cancelled, words)));
    }
    let differing = new.declaration.differing_fields(&old.declaration);
    if differing.is_empty() {
        return Ok(Ok(Accepted { outcome: Outcome::Unchanged, stored: old }));
    }
    if let Err(problem) = may_revise(&old, offices, &differing, intake, now) {
        return Ok(Err(problem));
    }
    let revised = StoredDeclaration {
        inspection_day: old.inspection_day,
        received_at: old.received_at,
        historical: old.historical,
        revision: old.revision + 1,
        ..new
    };
    store::declarations::revise(conn, &old, &revised, now, &caller.actor)?;
    if differing.contains(&"exporter_id") {
        // What was imported of it was another exporter's doing.
        let exporter = revised.declaration.exporter_id.as_str();
        store::lessons::set_exporter(conn, revised.declaration.number.as_str(), exporter)?;
    }
    there.insert(revised.declaration.number.to_string(), revised.clone());
    Ok(Ok(Accepted { outcome: Outcome::Revised, stored: revised }))
}

fn may_revise(
    old: &StoredDeclaration,
    offices: &Offices,
    differing: &[&str],
    intake: Intake,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let number = &old.declaration.number;
    let fields = |code: Code, words: &str| -> Vec<FieldError> {
        differing.iter().map(|name| FieldError::new(format!("/{name}"), code, words)).collect()
    };
    let past_cut_off = offices
        .0
        .get(old.declaration.office.as_str())
        .is_some_and(|office| now >= office.calendar.closes_at(old.inspection_day));
    if old.draw_id.is_some() || (past_cut_off && !old.historical) {
        return Err(Problem {
            code: Code::FrameClosed,
            detail: format!(
                "the frame of {} is closed: `{number}` can no longer be revised",
                old.inspection_day
            ),
            errors: fields(Code::FrameClosed, "differs from what is stored"),
        });
    }
    if differing.contains(&"office") {
        return Err(Problem {
            code: Code::OfficeFixed,
            detail: format!("`{number}` belongs to office `{}`", old.declaration.office),
            errors: vec![FieldError::new("/office", Code::OfficeFixed, "cannot be revised")],
        });
    }
    let revision = old.revision;
    match intake.on_change {
        OnChange::IfRevision(asked) if asked != revision => {
            let words = format!("`{number}` has revision r{revision}, not r{asked}");
            Err(Problem::new(Code::PreconditionFailed, words))
        }
        OnChange::Refuse => Err(Problem {
            code: Code::RevisionConflict,
            detail: format!("`{number}` is stored as r{revision} with other content"),
            errors: fields(Code::RevisionConflict, "differs from what is stored"),
        }),
        OnChange::Revise | OnChange::IfRevision(_) => Ok(()),
    }
}

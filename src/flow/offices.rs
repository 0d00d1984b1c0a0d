//! Register and change offices and their rosters.

use crate::domain::digest;
use crate::domain::entropy::EntropySource;
use crate::domain::id::{InspectorId, OfficeCode, is_short_id};
use crate::domain::key::Caller;
use crate::domain::office::{Inspector, InspectorBody, Office, OfficeBody};
use crate::domain::problem::{Code, FieldError, Problem};
use crate::error::{Error, Result};
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, Days, Utc};

/// Whether something was made or was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is new.
    Created,
    /// It was there; it may have changed.
    Kept,
}

/// Registers an office, or changes it. A change of cut-off, working days or holidays takes effect
/// after the last day that has a declaration or a commitment; a change of entropy after the day that
/// takes declarations now, and never on one that has some.
///
/// # Errors
/// Fields that break rules; [`Code::CalendarFixed`] for another time zone once there are
/// declarations.
pub fn put(
    store: &Store,
    caller: &Caller,
    code: &OfficeCode,
    body: OfficeBody,
    now: DateTime<Utc>,
) -> Result<(Office, Put)> {
    let office = Office::parse(code.clone(), body)?;
    store.write(|conn| {
        chain::lock(conn, &[code.as_str()])?;
        let put = match store::offices::find(conn, code.as_str())? {
            None => {
                store::offices::insert(conn, &office, now)?;
                if let Some(source) = asked_at_first(&office) {
                    // History may be brought in for days before; nobody could have committed to them.
                    let from = office.calendar.inspection_day(now);
                    store::entropy::set(conn, code.as_str(), from, source, now)?;
                }
                Put::Created
            }
            Some(old) if old.says(&office) => return Ok((old, Put::Kept)),
            Some(old) => {
                change(conn, &old, &office, now)?;
                Put::Kept
            }
        };
        let entry = chain::Entry {
            office: code.as_str(),
            kind: "office.set",
            actor: &caller.actor,
            object: code.as_str(),
        };
        let kept = store::offices::find(conn, code.as_str())?;
        let kept = kept.ok_or_else(|| Error::inner("an office was registered and is not there"))?;
        chain::append(conn, now, entry, digest::of(&kept.body()))?;
        Ok((kept, put))
    })
}

/// The source that a new office begins with, unless it is `none`.
fn asked_at_first(office: &Office) -> Option<EntropySource> {
    Some(office.entropy.latest()).filter(|source| *source != EntropySource::None)
}

fn change(conn: &mut Conn, old: &Office, new: &Office, now: DateTime<Utc>) -> Result<()> {
    let code = new.code.as_str();
    let declared = store::declarations::last_day(conn, code)?;
    let promised = declared.max(store::commitments::last_day(conn, code)?);
    if declared.is_some() && old.calendar.time_zone != new.calendar.time_zone {
        let words =
            format!("office `{code}` has declarations in {}", old.calendar.time_zone.name());
        let error = FieldError::new("/time_zone", Code::CalendarFixed, words.clone());
        return Err(
            Problem { code: Code::CalendarFixed, detail: words, errors: vec![error] }.into()
        );
    }
    store::offices::update(conn, new, now)?;
    if old.calendar.latest() != new.calendar.latest() {
        let from = promised.and_then(|day| day.checked_add_days(Days::new(1)));
        store::offices::reschedule(conn, code, from, new.calendar.latest())?;
    }
    if let Some(source) = old.asked_entropy(new) {
        // Who has seen what is declared must not choose how it will be drawn.
        let open = Some(old.calendar.inspection_day(now)).max(declared);
        let from = open.and_then(|day| day.checked_add_days(Days::new(1)));
        let from = from.ok_or_else(|| Error::inner("there is no day after the last one"))?;
        store::entropy::set(conn, code, from, source, now)?;
    }
    Ok(())
}

/// One office of the caller.
///
/// # Errors
/// [`Code::NotFound`].
pub fn find(store: &Store, caller: &Caller, code: &str) -> Result<Office> {
    store.read(|conn| own(conn, caller, code))
}

/// One office of the caller, inside a transaction.
pub(crate) fn own(conn: &mut Conn, caller: &Caller, code: &str) -> Result<Office> {
    // What is no code names no office, and may be text that an engine does not take.
    let possible = is_short_id(code) && caller.scope.holds(code);
    let office = if possible { store::offices::find(conn, code)? } else { None };
    office.ok_or_else(|| Problem::not_found("office", code).into())
}

/// The caller's offices.
///
/// # Errors
/// Those of the database.
pub fn list(store: &Store, caller: &Caller) -> Result<Vec<Office>> {
    store.read(|conn| store::offices::all(conn, &caller.scope))
}

/// Puts an inspector on a roster, or changes one. It holds for draws to come.
///
/// # Errors
/// Fields that break rules; [`Code::NotFound`] for the office.
pub fn put_inspector(
    store: &Store,
    caller: &Caller,
    office: &str,
    id: &InspectorId,
    body: InspectorBody,
    now: DateTime<Utc>,
) -> Result<(Inspector, Put)> {
    let inspector = Inspector::parse(id.clone(), body)?;
    store.write(|conn| {
        let office = own(conn, caller, office)?;
        let code = office.code.as_str();
        chain::lock(conn, &[code])?;
        let old = store::offices::find_inspector(conn, code, id.as_str())?;
        if old.as_ref() == Some(&inspector) {
            return Ok((inspector.clone(), Put::Kept));
        }
        store::offices::put_inspector(conn, code, &inspector)?;
        let object = format!("{code}/{id}");
        let entry = chain::Entry {
            office: code,
            kind: "inspector.set",
            actor: &caller.actor,
            object: &object,
        };
        chain::append(conn, now, entry, digest::of(&inspector.body()))?;
        Ok((inspector.clone(), if old.is_some() { Put::Kept } else { Put::Created }))
    })
}

/// The roster of an office.
///
/// # Errors
/// [`Code::NotFound`].
pub fn roster(store: &Store, caller: &Caller, office: &str) -> Result<Vec<Inspector>> {
    store.read(|conn| {
        let office = own(conn, caller, office)?;
        store::offices::roster(conn, office.code.as_str())
    })
}

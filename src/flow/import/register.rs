//! Register the offices an import names, as they come.

use crate::domain::digest;
use crate::domain::id::OfficeCode;
use crate::domain::key::Caller;
use crate::domain::office::Office;
use crate::error::Result;
use crate::store::{self, Conn, chain};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// What an office is like that nobody has registered: seven days of work a week, cut off at the end
/// of the day.
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    /// Where its wall clock hangs.
    pub time_zone: Tz,
    /// Inspections a day.
    pub daily_capacity: u32,
}

/// Registers those of some offices that are not, and gives their codes.
///
/// # Errors
/// Those of the database.
pub fn register(
    conn: &mut Conn,
    caller: &Caller,
    mut codes: Vec<&OfficeCode>,
    registration: Registration,
    now: DateTime<Utc>,
) -> Result<Vec<String>> {
    codes.sort_unstable();
    codes.dedup();
    let mut new = Vec::new();
    for code in codes {
        if store::offices::find(conn, code.as_str())?.is_none() {
            let Registration { time_zone, daily_capacity } = registration;
            new.push(Office::registered(code.clone(), time_zone, daily_capacity));
        }
    }
    chain::lock(conn, &new.iter().map(|office| office.code.as_str()).collect::<Vec<_>>())?;
    let mut registered = Vec::new();
    for office in new {
        // Another import may have been faster; then it is registered.
        if store::offices::insert(conn, &office, now)? {
            let code = office.code.as_str();
            let entry = chain::Entry {
                office: code,
                kind: "office.set",
                actor: &caller.actor,
                object: code,
            };
            chain::append(conn, now, entry, digest::of(&office.body()))?;
            registered.push(code.to_owned());
        }
    }
    Ok(registered)
}

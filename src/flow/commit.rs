//! Commit ahead: publish the commitments of the draws to come, so that nobody can choose a secret
//! after seeing a frame.

use crate::domain::digest;
use crate::domain::master::MasterKey;
use crate::domain::office::Office;
use crate::error::Result;
use crate::sampling::ticket::{self, Digest, DrawId};
use crate::store::commitments::Commitment;
use crate::store::{self, Conn, Store, chain};
use chrono::{DateTime, Days, NaiveDate, Utc};

/// How many days ahead commitments are published.
const AHEAD: usize = 31;

/// A day as the draw's hashes and files write it.
pub(super) fn day_text(day: NaiveDate) -> String {
    day.format("%Y%m%d").to_string()
}

/// The secret of a draw and the commitment to it.
pub(super) fn secret(
    master: &MasterKey,
    office: &str,
    day: NaiveDate,
    round: u32,
) -> (Digest, Digest) {
    let day = day_text(day);
    let id = DrawId { office, day: &day, round };
    let secret = ticket::draw_secret(master.bytes(), &id);
    let commitment = ticket::commitment(&id, &secret);
    (secret, commitment)
}

/// Publishes the commitments of an office's working days from now on, as far ahead as is promised:
/// how many are new.
///
/// # Errors
/// Those of the database.
pub fn ahead(
    store: &Store,
    master: &MasterKey,
    office: &Office,
    now: DateTime<Utc>,
) -> Result<usize> {
    let code = office.code.as_str();
    let last = store.read(|conn| store::commitments::last_day(conn, code))?;
    let days = open_days(office, now);
    if days.last().is_none_or(|day| last.is_some_and(|last| last >= *day)) {
        return Ok(0);
    }
    store.write(|conn| {
        chain::lock(conn, &[code])?;
        // Read again: its calendar may have changed until the lock was there.
        let Some(office) = store::offices::find(conn, code)? else { return Ok(0) };
        let mut made = 0;
        for day in open_days(&office, now) {
            made += usize::from(publish(conn, master, code, day, 1, now)?);
        }
        Ok(made)
    })
}

/// The working days ahead whose frames are still open.
fn open_days(office: &Office, now: DateTime<Utc>) -> Vec<NaiveDate> {
    let calendar = &office.calendar;
    let today = calendar.local_day(now);
    let days = today.iter_days().take(AHEAD + 1);
    days.filter(|day| calendar.works_on(*day) && now < calendar.closes_at(*day)).collect()
}

/// Publishes one commitment, unless it is; inside a transaction that holds the office's lock.
pub(super) fn publish(
    conn: &mut Conn,
    master: &MasterKey,
    office: &str,
    day: NaiveDate,
    round: u32,
    now: DateTime<Utc>,
) -> Result<bool> {
    let (_, commitment) = secret(master, office, day, round);
    let commitment = hex::encode(commitment);
    let new = Commitment { office: office.to_owned(), day, round, commitment, created_at: now };
    let made = store::commitments::insert(conn, &new)?;
    if made {
        let object = crate::domain::draw::draw_id(office, day, round);
        let entry =
            chain::Entry { office, kind: "draw.committed", actor: "breeze", object: &object };
        chain::append(conn, now, entry, digest::of(&new.commitment))?;
    }
    Ok(made)
}

/// The day before which every draw is revealed, whatever is still open: seven days after it.
pub(super) fn reveal_horizon(today: NaiveDate) -> NaiveDate {
    today.checked_sub_days(Days::new(7)).unwrap_or(today)
}

//! Learn: keep in step with the result in force what the risk score learns from.

use crate::domain::draw::SampleItem;
use crate::domain::inspection::Inspection;
use crate::domain::lesson::Lesson;
use crate::domain::office::Office;
use crate::error::{Error, Result};
use crate::store::{self, Conn};

/// Learns what the result in force of an inspection teaches, inside the transaction that put it in
/// force. Goods that were not inspected teach nothing: also what was imported of them is forgotten,
/// for Breeze's own result stands in its place.
pub(super) fn from_inspection(
    conn: &mut Conn,
    inspection: &Inspection,
    item: &SampleItem,
) -> Result<()> {
    let office = office(conn, &item.office)?;
    match Lesson::of_inspection(inspection, item, &office.calendar) {
        Some(lesson) => store::lessons::put(conn, &[lesson]),
        None => store::lessons::remove(conn, &item.candidate.declaration_number),
    }
}

/// An office that must be there, for something of it is.
pub(super) fn office(conn: &mut Conn, code: &str) -> Result<Office> {
    let office = store::offices::find(conn, code)?;
    office.ok_or_else(|| Error::inner(format!("office `{code}` is not there, and its rows are")))
}

//! Offices, their calendars and rosters.

use crate::domain::calendar::{Calendar, Schedule};
use crate::domain::entropy::EntropySettings;
use crate::domain::id::{ExporterId, InspectorId, OfficeCode};
use crate::domain::key::Scope;
use crate::domain::office::{Inspector, Office};
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::connection::each;
use crate::store::entropy::{self, SettingRow};
use crate::store::schema::{calendars, inspectors, offices};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

type OfficeRow = (String, String, Option<String>, String, i32, NaiveDateTime, NaiveDateTime);
type CalendarRow = (String, NaiveDate, i32, String, String);
type InspectorRow = (String, String, String, i32, String, bool);

/// The first day of the first schedule, 1970-01-01: no declaration is earlier.
fn beginning() -> NaiveDate {
    NaiveDate::default()
}

fn corrupt(what: &str) -> Error {
    Error::inner(format!("a stored {what} cannot be read"))
}

fn schedule(row: &CalendarRow) -> Result<Schedule> {
    let json = |_| corrupt("calendar");
    Ok(Schedule {
        cut_off: u16::try_from(row.2).map_err(|_| corrupt("cut-off"))?,
        working_days: serde_json::from_str(&row.3).map_err(json)?,
        holidays: serde_json::from_str(&row.4).map_err(json)?,
    })
}

fn office(row: OfficeRow, schedules: &[CalendarRow], entropy: EntropySettings) -> Result<Office> {
    let (code, name, province, zone, capacity, ..) = row;
    let mut versions = schedules
        .iter()
        .map(|row| Ok((row.1, schedule(row)?)))
        .collect::<Result<std::collections::VecDeque<_>>>()?;
    let (_, first) = versions.pop_front().ok_or_else(|| corrupt("calendar"))?;
    let time_zone = zone.parse().map_err(|_| corrupt("time zone"))?;
    Ok(Office {
        code: OfficeCode::parse(&code).map_err(|_| corrupt("office code"))?,
        name,
        province,
        daily_capacity: u32::try_from(capacity).map_err(|_| corrupt("capacity"))?,
        calendar: Calendar { time_zone, first, changes: versions.into() },
        entropy,
    })
}

/// One office.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, code: &str) -> Result<Option<Office>> {
    let row: Option<OfficeRow> =
        offices::table.filter(offices::code.eq(code)).get_result(conn).optional()?;
    let Some(row) = row else { return Ok(None) };
    let schedules: Vec<CalendarRow> = calendars::table
        .filter(calendars::office.eq(code))
        .order(calendars::valid_from)
        .load(conn)?;
    let entropy = entropy::settings(entropy::setting_rows(conn, Some(code))?)?;
    office(row, &schedules, entropy).map(Some)
}

/// Which of some codes are registered.
///
/// # Errors
/// Those of the database.
pub fn registered(conn: &mut Conn, codes: &[&str]) -> Result<Vec<String>> {
    let found = offices::table.filter(offices::code.eq_any(codes)).select(offices::code);
    Ok(found.load(conn)?)
}

/// All offices inside a scope, in bytewise order of their codes.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut Conn, scope: &Scope) -> Result<Vec<Office>> {
    let mut rows: Vec<OfficeRow> = offices::table.load(conn)?;
    rows.retain(|row| scope.holds(&row.0));
    rows.sort();
    let mut schedules: BTreeMap<String, Vec<CalendarRow>> = BTreeMap::new();
    for row in calendars::table.order(calendars::valid_from).load::<CalendarRow>(conn)? {
        schedules.entry(row.0.clone()).or_default().push(row);
    }
    let mut settings: BTreeMap<String, Vec<SettingRow>> = BTreeMap::new();
    for row in entropy::setting_rows(conn, None)? {
        settings.entry(row.0.clone()).or_default().push(row);
    }
    rows.into_iter()
        .map(|row| {
            let own = schedules.remove(&row.0).unwrap_or_default();
            let entropy = settings.remove(&row.0).unwrap_or_default();
            office(row, &own, entropy::settings(entropy)?)
        })
        .collect()
}

/// Registers an office; `false` when it is there already.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, office: &Office, now: DateTime<Utc>) -> Result<bool> {
    let at = now.naive_utc();
    let row = (
        offices::code.eq(office.code.as_str()),
        offices::name.eq(&office.name),
        offices::province.eq(office.province.as_deref()),
        offices::time_zone.eq(office.calendar.time_zone.name()),
        offices::daily_capacity.eq(i32::try_from(office.daily_capacity).unwrap_or(i32::MAX)),
        offices::created_at.eq(at),
        offices::updated_at.eq(at),
    );
    let made = each!(conn, c => diesel::insert_into(offices::table).values(row).on_conflict_do_nothing().execute(c))?;
    if made > 0 {
        set_schedule(conn, office.code.as_str(), beginning(), &office.calendar.first)?;
    }
    Ok(made > 0)
}

/// Changes what may change at once: name, province, time zone, capacity.
///
/// # Errors
/// Those of the database.
pub fn update(conn: &mut Conn, office: &Office, now: DateTime<Utc>) -> Result<()> {
    diesel::update(offices::table.filter(offices::code.eq(office.code.as_str())))
        .set((
            offices::name.eq(&office.name),
            offices::province.eq(office.province.as_deref()),
            offices::time_zone.eq(office.calendar.time_zone.name()),
            offices::daily_capacity.eq(i32::try_from(office.daily_capacity).unwrap_or(i32::MAX)),
            offices::updated_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Sets the schedule from a day on, in place of any that begins then or later. `None` is the
/// beginning of time.
///
/// # Errors
/// Those of the database.
pub fn reschedule(
    conn: &mut Conn,
    office: &str,
    from: Option<NaiveDate>,
    schedule: &Schedule,
) -> Result<()> {
    let from = from.unwrap_or_else(beginning);
    diesel::delete(
        calendars::table.filter(calendars::office.eq(office).and(calendars::valid_from.ge(from))),
    )
    .execute(conn)?;
    set_schedule(conn, office, from, schedule)
}

fn set_schedule(conn: &mut Conn, office: &str, from: NaiveDate, schedule: &Schedule) -> Result<()> {
    let json = |value: serde_json::Result<String>| value.map_err(|_| corrupt("calendar"));
    let row = (
        calendars::office.eq(office),
        calendars::valid_from.eq(from),
        calendars::cut_off_minutes.eq(i32::from(schedule.cut_off)),
        calendars::working_days.eq(json(serde_json::to_string(&schedule.working_days))?),
        calendars::holidays.eq(json(serde_json::to_string(&schedule.holidays))?),
    );
    diesel::insert_into(calendars::table).values(row).execute(conn)?;
    Ok(())
}

fn inspector(row: InspectorRow) -> Result<Inspector> {
    let (_, id, name, room, conflicts, active) = row;
    let conflicts: BTreeSet<ExporterId> =
        serde_json::from_str(&conflicts).map_err(|_| corrupt("list of conflicts"))?;
    Ok(Inspector {
        id: InspectorId::parse(&id).map_err(|_| corrupt("inspector id"))?,
        name,
        room: u32::try_from(room).map_err(|_| corrupt("room"))?,
        conflicts,
        active,
    })
}

/// The roster of an office, in bytewise order of ids.
///
/// # Errors
/// Those of the database.
pub fn roster(conn: &mut Conn, office: &str) -> Result<Vec<Inspector>> {
    let mut rows: Vec<InspectorRow> =
        inspectors::table.filter(inspectors::office.eq(office)).load(conn)?;
    rows.sort();
    rows.into_iter().map(inspector).collect()
}

/// One inspector.
///
/// # Errors
/// Those of the database.
pub fn find_inspector(conn: &mut Conn, office: &str, id: &str) -> Result<Option<Inspector>> {
    let row: Option<InspectorRow> = inspectors::table
        .filter(inspectors::office.eq(office).and(inspectors::id.eq(id)))
        .first(conn)
        .optional()?;
    row.map(inspector).transpose()
}

/// Puts an inspector on the roster, or changes what is there.
///
/// # Errors
/// Those of the database.
pub fn put_inspector(conn: &mut Conn, office: &str, inspector: &Inspector) -> Result<()> {
    let conflicts =
        serde_json::to_string(&inspector.conflicts).map_err(|_| corrupt("list of conflicts"))?;
    let room = i32::try_from(inspector.room).unwrap_or(i32::MAX);
    let id = inspector.id.as_str();
    diesel::delete(
        inspectors::table.filter(inspectors::office.eq(office).and(inspectors::id.eq(id))),
    )
    .execute(conn)?;
    diesel::insert_into(inspectors::table)
        .values((
            inspectors::office.eq(office),
            inspectors::id.eq(id),
            inspectors::name.eq(&inspector.name),
            inspectors::room.eq(room),
            inspectors::conflicts.eq(conflicts),
            inspectors::active.eq(inspector.active),
        ))
        .execute(conn)?;
    Ok(())
}

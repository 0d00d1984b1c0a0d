//! Offices and their inspectors.

use crate::domain::calendar::{Calendar, Schedule, WHOLE_DAY, cut_off_text, parse_cut_off};
use crate::domain::day;
use crate::domain::entropy::{EntropySettings, EntropySource};
use crate::domain::id::{ExporterId, InspectorId, OfficeCode};
use crate::domain::problem::{Code, FieldError, Problem};
use crate::domain::text;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A place that inspects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// Its code, which never changes.
    pub code: OfficeCode,
    /// Its name.
    pub name: String,
    /// Its province, ISO 3166-2.
    pub province: Option<String>,
    /// Inspections it can do on one day.
    pub daily_capacity: u32,
    /// Its calendar.
    pub calendar: Calendar,
    /// Where its draws take entropy from besides the operator's secret.
    pub entropy: EntropySettings,
}

/// An office as sent and as answered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Qingdao", "province": "CN-SD", "time_zone": "Asia/Shanghai",
    "cut_off": "06:00", "daily_capacity": 30, "working_days": [1, 2, 3, 4, 5], "holidays": ["2026-10-01"],
    "entropy": "none"}))]
pub struct OfficeBody {
    /// The name, up to 100 characters.
    pub name: String,
    /// The province, ISO 3166-2 (`CN-SD`).
    pub province: Option<String>,
    /// IANA time zone.
    pub time_zone: String,
    /// Wall time at which a day's frame closes, `00:00` to `24:00`.
    pub cut_off: String,
    /// Inspections a day, 0 to 100,000.
    pub daily_capacity: u32,
    /// Days of the week, 1 = Monday to 7 = Sunday.
    pub working_days: Vec<u8>,
    /// Local dates without work.
    #[serde(default, deserialize_with = "day::many")]
    pub holidays: Vec<NaiveDate>,
    /// Where its draws take entropy from after the freeze, besides the operator's secret: `none`,
    /// `auditor`, `beacon:quicknet` or `beacon:default`. Left out, it stays as it is; a new office
    /// has `none`. A change holds from the day after the one that takes declarations now.
    #[serde(default)]
    pub entropy: Option<String>,
}

/// Largest daily capacity and room.
const MOST_A_DAY: u32 = 100_000;

impl Office {
    /// Parses a body into a valid office.
    ///
    /// # Errors
    /// Every field that breaks a rule.
    pub fn parse(code: OfficeCode, body: OfficeBody) -> Result<Self, Problem> {
        let mut errors = Vec::new();
        let mut note = |error: Option<FieldError>| errors.extend(error);
        let name = text::checked("/name", body.name.trim(), 100);
        note(name.as_ref().err().cloned());
        note(
            body.name
                .trim()
                .is_empty()
                .then(|| FieldError::new("/name", Code::Required, "the office needs a name")),
        );
        let province =
            body.province.as_deref().map(|p| text::checked("/province", p, 10)).transpose();
        note(province.as_ref().err().cloned());
        let zone = body.time_zone.parse::<Tz>();
        note(zone.is_err().then(|| {
            let words = format!("`{}` is no IANA time zone such as Asia/Shanghai", body.time_zone);
            FieldError::new("/time_zone", Code::TimeZoneUnknown, words)
        }));
        let cut_off = parse_cut_off("/cut_off", &body.cut_off);
        note(cut_off.as_ref().err().cloned());
        note(most_a_day("/daily_capacity", body.daily_capacity));
        let days: BTreeSet<u8> = body.working_days.iter().copied().collect();
        note((days.is_empty() || days.iter().any(|d| !(1..=7).contains(d))).then(|| {
            let words = "working days are at least one of 1 (Monday) to 7 (Sunday)";
            FieldError::new("/working_days", Code::ValueNotAllowed, words)
        }));
        let entropy = body.entropy.as_deref().map(|e| EntropySource::parse("/entropy", e));
        let entropy = entropy.transpose();
        note(entropy.as_ref().err().cloned());
        match (name, province, zone, cut_off, entropy) {
            (Ok(name), Ok(province), Ok(time_zone), Ok(cut_off), Ok(entropy))
                if errors.is_empty() =>
            {
                let holidays = body.holidays.into_iter().collect();
                let schedule = Schedule { cut_off, working_days: days, holidays };
                let calendar = Calendar::new(time_zone, schedule);
                let daily_capacity = body.daily_capacity;
                // Since when it holds is known where it is kept.
                let entropy = entropy.map(|source| (NaiveDate::MIN, source)).into_iter().collect();
                let entropy = EntropySettings(entropy);
                Ok(Self { code, name, province, daily_capacity, calendar, entropy })
            }
            _ => Err(Problem::fields(errors)),
        }
    }

    /// An office that works seven days until the end of the day, as an import registers it.
    pub fn registered(code: OfficeCode, time_zone: Tz, daily_capacity: u32) -> Self {
        let schedule = Schedule {
            cut_off: WHOLE_DAY,
            working_days: (1..=7).collect(),
            holidays: BTreeSet::new(),
        };
        let calendar = Calendar::new(time_zone, schedule);
        let name = code.to_string();
        let entropy = EntropySettings::default();
        Self { code, name, province: None, daily_capacity, calendar, entropy }
    }

    /// The body that would make this office, with the schedule that was set last.
    pub fn body(&self) -> OfficeBody {
        let schedule = self.calendar.latest();
        OfficeBody {
            name: self.name.clone(),
            province: self.province.clone(),
            time_zone: self.calendar.time_zone.name().to_owned(),
            cut_off: cut_off_text(schedule.cut_off),
            daily_capacity: self.daily_capacity,
            working_days: schedule.working_days.iter().copied().collect(),
            holidays: schedule.holidays.iter().copied().collect(),
            entropy: Some(self.entropy.latest().to_string()),
        }
    }
}

impl Office {
    /// Whether a state of an office says what another one, as it was sent, asks for.
    pub fn says(&self, sent: &Self) -> bool {
        let other = sent;
        self.asked_entropy(sent).is_none()
            && self.name == other.name
            && self.province == other.province
            && self.daily_capacity == other.daily_capacity
            && self.calendar.time_zone == other.calendar.time_zone
            && self.calendar.latest() == other.calendar.latest()
    }

    /// The source of entropy that a state as it was sent asks for, where it is another one. What was
    /// left out asks for nothing, so that whoever writes the rest does not weaken it unawares.
    pub fn asked_entropy(&self, sent: &Self) -> Option<EntropySource> {
        let asked = sent.entropy.0.last().map(|(_, source)| *source);
        asked.filter(|source| *source != self.entropy.latest())
    }
}

fn most_a_day(pointer: &str, number: u32) -> Option<FieldError> {
    (number > MOST_A_DAY).then(|| {
        let words = format!("{number} is more than {MOST_A_DAY} a day");
        FieldError::new(pointer, Code::NumberOutOfRange, words)
    })
}

/// One inspector of an office's roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspector {
    /// The id, unique within the office.
    pub id: InspectorId,
    /// The name.
    pub name: String,
    /// Items a day.
    pub room: u32,
    /// Exporters whose goods this inspector must not inspect.
    pub conflicts: BTreeSet<ExporterId>,
    /// Whether items are assigned.
    pub active: bool,
}

/// An inspector as sent and as answered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Li Na", "room": 8, "conflicts": ["91370200MA3C"], "active": true}))]
pub struct InspectorBody {
    /// The name, up to 100 characters.
    pub name: String,
    /// Items a day, 0 to 100,000.
    pub room: u32,
    /// Ids of exporters with a conflict of interest, up to 1,000.
    #[serde(default)]
    pub conflicts: Vec<String>,
    /// Whether items are assigned.
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

impl Inspector {
    /// Parses a body into a valid inspector.
    ///
    /// # Errors
    /// Every field that breaks a rule.
    pub fn parse(id: InspectorId, body: InspectorBody) -> Result<Self, Problem> {
        let mut errors = Vec::new();
        let name = text::checked("/name", body.name.trim(), 100).map_err(|e| errors.push(e));
        if body.name.trim().is_empty() {
            errors.push(FieldError::new("/name", Code::Required, "the inspector needs a name"));
        }
        errors.extend(most_a_day("/room", body.room));
        if body.conflicts.len() > 1_000 {
            let words = "at most 1,000 exporters can be named";
            errors.push(FieldError::new("/conflicts", Code::TooLong, words));
        }
        let mut conflicts = BTreeSet::new();
        for (at, exporter) in body.conflicts.iter().enumerate() {
            match ExporterId::parse_field(&format!("/conflicts/{at}"), exporter) {
                Ok(exporter) => drop(conflicts.insert(exporter)),
                Err(error) => errors.push(error),
            }
        }
        match name {
            Ok(name) if errors.is_empty() => {
                Ok(Self { id, name, room: body.room, conflicts, active: body.active })
            }
            _ => Err(Problem::fields(errors)),
        }
    }

    /// The body that would make this inspector.
    pub fn body(&self) -> InspectorBody {
        InspectorBody {
            name: self.name.clone(),
            room: self.room,
            conflicts: self.conflicts.iter().map(ToString::to_string).collect(),
            active: self.active,
        }
    }
}

//! Inspections: what was found.

use crate::domain::id::InspectorId;
use crate::domain::problem::{Code, FieldError};
use crate::domain::reference::defect::{self, DefectClass};
use crate::domain::text;
use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod body;
mod record;
pub use body::{AmendmentBody, FindingBody, InspectionBody, SentInspection};
pub use record::{Amendment, Inspection};

/// How an inspection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The goods conform.
    Pass,
    /// The goods do not.
    Fail,
    /// They could not be inspected.
    NotInspected,
}

/// Why goods could not be inspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotInspectedReason {
    /// They had left.
    GoodsLeft,
    /// Nobody could get to them.
    NoAccess,
    /// The office was closed.
    OfficeClosed,
    /// Another reason; the note says which.
    Other,
    /// The declaration was cancelled after it was drawn; set by the server only.
    Cancelled,
}

/// Where a sample item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// No result yet.
    Open,
    /// Inspected, passed.
    Passed,
    /// Inspected, failed.
    Failed,
    /// Could not be inspected.
    NotInspected,
}

impl From<Outcome> for ItemState {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Pass => Self::Passed,
            Outcome::Fail => Self::Failed,
            Outcome::NotInspected => Self::NotInspected,
        }
    }
}

macro_rules! text_of_enum {
    ($($name:ident { $($variant:ident $text:literal)* })*) => { $(
        impl $name {
            /// The value as text.
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $text,)* } }
            /// Finds a value by its text.
            pub fn find(text: &str) -> Option<Self> { match text { $($text => Some(Self::$variant),)* _ => None } }
        }
    )* };
}

text_of_enum! {
    Outcome { Pass "pass" Fail "fail" NotInspected "not_inspected" }
    NotInspectedReason { GoodsLeft "goods_left" NoAccess "no_access" OfficeClosed "office_closed" Other "other" Cancelled "cancelled" }
    ItemState { Open "open" Passed "passed" Failed "failed" NotInspected "not_inspected" }
}

/// Defects of one kind found in a shipment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Defect {
    /// A code of `/v1/defect-codes`.
    pub code: String,
    /// How grave.
    pub class: DefectClass,
    /// How many units, at least 1.
    pub count: i64,
}

/// A valid result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Who inspected.
    pub inspector: Option<InspectorId>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why not.
    pub not_inspected_reason: Option<NotInspectedReason>,
    /// When.
    pub inspected_at: DateTime<Utc>,
    /// Units opened.
    pub units_inspected: Option<i64>,
    /// Units with defects.
    pub units_nonconforming: Option<i64>,
    /// Defects by kind.
    pub defects: Vec<Defect>,
    /// In words.
    pub note: Option<String>,
}

/// Most units an inspection can count.
const MOST_UNITS: i64 = 1_000_000_000;

impl Finding {
    /// Checks a result.
    ///
    /// # Errors
    /// Every field that breaks a rule.
    pub fn parse(body: &FindingBody, now: DateTime<Utc>) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let inspector = body
            .inspector
            .as_deref()
            .map(|id| InspectorId::parse_field("/inspector", id))
            .transpose()
            .unwrap_or_else(|error| {
                errors.push(error);
                None
            });
        errors.extend(reason_fault(body));
        errors.extend(units_faults(body));
        errors.extend(defect_faults(body));
        let inspected_at = instant(&body.inspected_at, now).map_err(|error| errors.push(error));
        let note = body.note.as_deref().filter(|note| !note.is_empty());
        if note.is_some_and(|note| note.chars().count() > 2_000) {
            errors.push(FieldError::new("/note", Code::TooLong, "has more than 2,000 characters"));
        }
        if let Some(Err(error)) = note.map(|note| text::undamaged("/note", note)) {
            errors.push(error);
        }
        // A note is prose: line breaks are welcome, NUL is not (PostgreSQL cannot keep it).
        if note.is_some_and(|note| {
            note.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t')
        }) {
            errors.push(FieldError::new(
                "/note",
                Code::ControlCharacter,
                "has a control character",
            ));
        }
        let inspected_at = match inspected_at {
            Ok(at) if errors.is_empty() => at,
            _ => return Err(errors),
        };
        Ok(Self {
            inspector,
            outcome: body.outcome,
            not_inspected_reason: body.not_inspected_reason,
            inspected_at,
            units_inspected: body.units_inspected,
            units_nonconforming: body.units_nonconforming,
            defects: body.defects.clone(),
            note: note.map(ToOwned::to_owned),
        })
    }

    /// The body that would make this result.
    pub fn body(&self) -> FindingBody {
        FindingBody {
            inspector: self.inspector.as_ref().map(ToString::to_string),
            outcome: self.outcome,
            not_inspected_reason: self.not_inspected_reason,
            inspected_at: self.inspected_at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            units_inspected: self.units_inspected,
            units_nonconforming: self.units_nonconforming,
            defects: self.defects.clone(),
            note: self.note.clone(),
        }
    }

    /// The names of the fields in which two results differ.
    pub fn differing_fields(&self, other: &Self) -> Vec<&'static str> {
        let pairs = [
            ("inspector", self.inspector == other.inspector),
            ("outcome", self.outcome == other.outcome),
            ("not_inspected_reason", self.not_inspected_reason == other.not_inspected_reason),
            ("inspected_at", self.inspected_at == other.inspected_at),
            ("units_inspected", self.units_inspected == other.units_inspected),
            ("units_nonconforming", self.units_nonconforming == other.units_nonconforming),
            ("defects", self.defects == other.defects),
            ("note", self.note == other.note),
        ];
        pairs.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
    }
}

/// When it was inspected, to the microsecond that both engines keep.
fn instant(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, FieldError> {
    let wrong = |words: String| FieldError::new("/inspected_at", Code::TimeInvalid, words);
    let at = DateTime::parse_from_rfc3339(text)
        .map_err(|_| wrong(format!("`{}` is not RFC 3339 with an offset", text.escape_debug())))?;
    let at = at.with_timezone(&Utc).trunc_subsecs(6);
    if at > now + TimeDelta::days(1) {
        return Err(wrong("lies more than a day ahead of the server's clock".into()));
    }
    Ok(at)
}

/// Checks the reason that a correction or another assignment must give.
///
/// # Errors
/// An empty or overlong reason.
pub fn parse_reason(reason: &str) -> Result<String, FieldError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(FieldError::new("/reason", Code::Required, "say why it is changed"));
    }
    text::checked("/reason", reason, 500)
}

fn reason_fault(body: &FindingBody) -> Option<FieldError> {
    let pointer = "/not_inspected_reason";
    match (body.outcome, body.not_inspected_reason) {
        (Outcome::NotInspected, None) => Some(FieldError::new(
            pointer,
            Code::Required,
            "say why: goods_left, no_access, office_closed or other",
        )),
        (_, Some(NotInspectedReason::Cancelled)) => Some(FieldError::new(
            pointer,
            Code::ValueNotAllowed,
            "`cancelled` is set by the cancellation itself",
        )),
        (Outcome::Pass | Outcome::Fail, Some(_)) => Some(FieldError::new(
            pointer,
            Code::ValueNotAllowed,
            "goes with outcome not_inspected only",
        )),
        _ => None,
    }
}

fn units_faults(body: &FindingBody) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let fields = [
        ("/units_inspected", body.units_inspected),
        ("/units_nonconforming", body.units_nonconforming),
    ];
    for (pointer, units) in fields {
        if units.is_some_and(|units| !(0..=MOST_UNITS).contains(&units)) {
            errors.push(FieldError::new(
                pointer,
                Code::NumberOutOfRange,
                format!("is not between 0 and {MOST_UNITS}"),
            ));
        }
    }
    if let (Some(bad), Some(all)) = (body.units_nonconforming, body.units_inspected)
        && bad > all
    {
        let words = format!("{bad} units with defects are more than the {all} inspected");
        errors.push(FieldError::new("/units_nonconforming", Code::NumberOutOfRange, words));
    }
    errors
}

fn defect_faults(body: &FindingBody) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if body.defects.len() > 100 {
        errors.push(FieldError::new("/defects", Code::TooLong, "at most 100 kinds of defects"));
    }
    if body.outcome == Outcome::NotInspected && !body.defects.is_empty() {
        errors.push(FieldError::new(
            "/defects",
            Code::ValueNotAllowed,
            "nothing inspected, so no defects found",
        ));
    }
    for (at, defect) in body.defects.iter().enumerate() {
        if defect::find(&defect.code).is_none() {
            let words = format!("`{}` is not in /v1/defect-codes", defect.code.escape_debug());
            errors.push(FieldError::new(format!("/defects/{at}/code"), Code::DefectUnknown, words));
        }
        if !(1..=MOST_UNITS).contains(&defect.count) {
            let words = format!("is not between 1 and {MOST_UNITS}");
            errors.push(FieldError::new(
                format!("/defects/{at}/count"),
                Code::NumberOutOfRange,
                words,
            ));
        }
    }
    errors
}

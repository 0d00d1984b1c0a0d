//! Results that were found before Breeze, brought in from a file.

use crate::domain::decimal;
use crate::domain::id::{DeclarationNumber, InspectorId};
use crate::domain::lesson::{PASS, Selection};
use crate::domain::problem::{Code, FieldError};
use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod import;
pub use import::{RejectedResult, ResultCounts, ResultImport};

/// The columns of a CSV, which are the fields of an NDJSON row.
pub const COLUMNS: [&str; 8] = [
    "declaration_number",
    "outcome",
    "fails",
    "inspected_at",
    "selection",
    "probability",
    "severity",
    "inspector",
];

/// A row as it is sent: `outcome`, or `fails` in its place.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportedResultBody {
    /// The declaration.
    pub declaration_number: Option<String>,
    /// `pass` or `fail`.
    pub outcome: Option<String>,
    /// `yes` or `no`, in place of `outcome`.
    pub fails: Option<String>,
    /// When, RFC 3339; when the frame of the inspection day closed, if left out.
    pub inspected_at: Option<String>,
    /// `random`, `targeted`, `all` or `unknown`; `unknown` when left out.
    pub selection: Option<String>,
    /// With `random`: the chance to be inspected, above 0 and at most 1, at most six places.
    pub probability: Option<String>,
    /// How grave a failure was: `critical`, `major`, `minor`, or a label of the file's own.
    pub severity: Option<String>,
    /// Who inspected.
    pub inspector: Option<String>,
}

/// A valid row, before its declaration is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentResult {
    /// The declaration.
    pub declaration_number: DeclarationNumber,
    /// Whether the goods failed.
    pub failed: bool,
    /// When they were inspected, if the row says so.
    pub inspected_at: Option<DateTime<Utc>>,
    /// How the declaration came to be inspected; never [`Selection::Directive`].
    pub selection: Selection,
    /// The chance to be inspected, in parts per million.
    pub probability_ppm: Option<u32>,
    /// What the row says of how grave it was.
    pub severity: Option<String>,
    /// Who inspected.
    pub inspector: Option<InspectorId>,
}

/// A result of before Breeze as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedResult {
    /// The declaration.
    pub declaration_number: DeclarationNumber,
    /// Counts from 1; the highest is in force.
    pub revision: i32,
    /// The office of the declaration.
    pub office: String,
    /// Whether the goods failed.
    pub failed: bool,
    /// When they were inspected.
    pub inspected_at: DateTime<Utc>,
    /// How the declaration came to be inspected.
    pub selection: Selection,
    /// The chance to be inspected, in parts per million.
    pub probability_ppm: Option<u32>,
    /// What the file says of how grave it was.
    pub severity: Option<String>,
    /// Who inspected.
    pub inspector: Option<InspectorId>,
}

/// What is signed of a result.
#[derive(Serialize)]
struct Signed<'a> {
    declaration_number: &'a str,
    outcome: &'a str,
    inspected_at: String,
    selection: &'a str,
    probability_ppm: Option<u32>,
    severity: Option<&'a str>,
    inspector: Option<&'a str>,
}

impl ImportedResult {
    /// `pass` or `fail`.
    pub fn outcome(&self) -> &'static str {
        if self.failed { "fail" } else { "pass" }
    }

    /// Whether two say the same, whichever revision they are.
    pub fn says_the_same(&self, other: &Self) -> bool {
        *self == Self { revision: self.revision, ..other.clone() }
    }

    /// What its event in the chain covers, as canonical JSON.
    pub fn canonical_json(&self) -> String {
        crate::domain::digest::canonical_json(&Signed {
            declaration_number: self.declaration_number.as_str(),
            outcome: self.outcome(),
            inspected_at: self.inspected_at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            selection: self.selection.as_str(),
            probability_ppm: self.probability_ppm,
            severity: self.severity.as_deref(),
            inspector: self.inspector.as_ref().map(InspectorId::as_str),
        })
    }
}

/// Checks a row.
///
/// # Errors
/// Every field that breaks a rule.
pub fn parse(body: &ImportedResultBody, now: DateTime<Utc>) -> Result<SentResult, Vec<FieldError>> {
    let mut errors = Vec::new();
    let number = number(body).map_err(|error| errors.push(error));
    let failed = failed(body).map_err(|error| errors.push(error));
    let selection = selection(body).map_err(|error| errors.push(error));
    let mut note = |error: FieldError| errors.push(error);
    let inspected_at = body.inspected_at.as_deref().map(|text| instant(text, now));
    let inspected_at = inspected_at.transpose().map_err(&mut note);
    let probability_ppm = probability(body).map_err(&mut note);
    let severity = severity(body, failed == Ok(true)).map_err(&mut note);
    let inspector =
        body.inspector.as_deref().map(|id| InspectorId::parse_field("/inspector", id)).transpose();
    let inspector = inspector.map_err(&mut note);
    let whole = || {
        Ok::<_, ()>(SentResult {
            declaration_number: number?,
            failed: failed?,
            inspected_at: inspected_at?,
            selection: selection?,
            probability_ppm: probability_ppm?,
            severity: severity?,
            inspector: inspector?,
        })
    };
    whole().map_err(|()| errors)
}

fn none_of(pointer: &str, text: &str, possible: &str) -> FieldError {
    let words = format!("`{}` is none of {possible}", text.escape_debug());
    FieldError::new(pointer, Code::ValueNotAllowed, words)
}

fn number(body: &ImportedResultBody) -> Result<DeclarationNumber, FieldError> {
    let pointer = "/declaration_number";
    let missing = || FieldError::new(pointer, Code::Required, "the row names no declaration");
    let text = body.declaration_number.as_deref().ok_or_else(missing)?;
    DeclarationNumber::parse_field(pointer, text)
}

fn failed(body: &ImportedResultBody) -> Result<bool, FieldError> {
    match (body.outcome.as_deref(), body.fails.as_deref()) {
        (Some("pass"), None) | (None, Some("no")) => Ok(false),
        (Some("fail"), None) | (None, Some("yes")) => Ok(true),
        (Some(_), Some(_)) => {
            let words = "goes without `fails`: one of the two says how it ended";
            Err(FieldError::new("/outcome", Code::ValueNotAllowed, words))
        }
        (Some(text), None) => Err(none_of("/outcome", text, "pass, fail")),
        (None, Some(text)) => Err(none_of("/fails", text, "yes, no")),
        (None, None) => Err(FieldError::new("/outcome", Code::Required, "there is no result")),
    }
}

fn selection(body: &ImportedResultBody) -> Result<Selection, FieldError> {
    let Some(text) = body.selection.as_deref() else { return Ok(Selection::Unknown) };
    // Directives are Breeze's own.
    let found = Selection::find(text).filter(|selection| *selection != Selection::Directive);
    found.ok_or_else(|| none_of("/selection", text, "random, targeted, all, unknown"))
}

fn probability(body: &ImportedResultBody) -> Result<Option<u32>, FieldError> {
    let pointer = "/probability";
    let Some(text) = body.probability.as_deref() else { return Ok(None) };
    if body.selection.as_deref() != Some("random") {
        let words = "goes with selection `random` only";
        return Err(FieldError::new(pointer, Code::ValueNotAllowed, words));
    }
    match decimal::parse_ppm(text) {
        Ok(0) | Err(decimal::DecimalError::Digits) => {
            let words = "lies above 0 and is at most 1";
            Err(FieldError::new(pointer, Code::NumberOutOfRange, words))
        }
        Ok(ppm) => Ok(Some(ppm)),
        Err(error) => Err(FieldError::new(pointer, Code::DecimalInvalid, error.to_string())),
    }
}

/// Longest label of a severity.
const LONGEST_LABEL: usize = 40;

/// How grave it was, in the file's words. What a file says beside a pass is kept and teaches nothing.
fn severity(body: &ImportedResultBody, failed: bool) -> Result<Option<String>, FieldError> {
    let Some(text) = body.severity.as_deref() else { return Ok(None) };
    let label = (1..=LONGEST_LABEL).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b" _-".contains(&b))
        && text.trim() == text;
    if !label {
        let words = format!(
            "`{}` is no label of 1 to 40 letters, digits, spaces, `_` or `-`, such as critical, major, minor",
            text.escape_debug()
        );
        return Err(FieldError::new("/severity", Code::ValueNotAllowed, words));
    }
    if failed && (text == PASS || text == "none") {
        let words = format!("`{text}` stands for no failure, and this row is one");
        return Err(FieldError::new("/severity", Code::ValueNotAllowed, words));
    }
    Ok(Some(text.to_owned()))
}

/// When it was inspected, to the microsecond that both engines keep.
fn instant(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, FieldError> {
    let wrong = |words: String| FieldError::new("/inspected_at", Code::TimeInvalid, words);
    let at = DateTime::parse_from_rfc3339(text)
        .map_err(|_| wrong(format!("`{}` is not RFC 3339 with an offset", text.escape_debug())))?;
    let at = at.with_timezone(&Utc).trunc_subsecs(6);
    match at > now {
        true => Err(wrong("lies in the future: what is imported was found before".into())),
        false => Ok(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(fields: &[(&str, &str)]) -> ImportedResultBody {
        let fields = fields.iter().map(|(name, text)| (name.to_string(), (*text).into()));
        serde_json::from_value(serde_json::Value::Object(fields.collect())).unwrap()
    }

    fn parsed(fields: &[(&str, &str)]) -> Result<SentResult, Vec<(String, Code)>> {
        let now = "2026-11-24T01:00:00Z".parse().unwrap();
        let all = [&[("declaration_number", "EXP-1")], fields].concat();
        parse(&body(&all), now)
            .map_err(|errors| errors.into_iter().map(|e| (e.pointer, e.code)).collect())
    }

    #[test]
    fn a_row_says_how_it_ended_in_either_of_two_forms() {
        for (fields, failed) in [
            ([("outcome", "pass")], false),
            ([("outcome", "fail")], true),
            ([("fails", "no")], false),
            ([("fails", "yes")], true),
        ] {
            let sent = parsed(&fields).unwrap();
            assert_eq!((sent.failed, sent.selection), (failed, Selection::Unknown));
            assert_eq!((sent.inspected_at, sent.severity, sent.inspector), (None, None, None));
        }
        let code = |fields: &[(&str, &str)]| parsed(fields).unwrap_err();
        assert_eq!(code(&[]), [("/outcome".into(), Code::Required)]);
        assert_eq!(code(&[("fails", "1")]), [("/fails".into(), Code::ValueNotAllowed)]);
        let both = code(&[("outcome", "fail"), ("fails", "no")]);
        assert_eq!(both, [("/outcome".into(), Code::ValueNotAllowed)]);
        let gone = code(&[("outcome", "not_inspected")]);
        assert_eq!(gone, [("/outcome".into(), Code::ValueNotAllowed)]);
    }

    #[test]
    fn a_probability_is_a_share_above_nothing_and_goes_with_chance_only() {
        let with = |selection, probability| {
            let fields = [("fails", "no"), ("selection", selection), ("probability", probability)];
            parsed(&fields).map(|sent| sent.probability_ppm)
        };
        assert_eq!(with("random", "0.05"), Ok(Some(50_000)));
        assert_eq!(with("random", "1"), Ok(Some(1_000_000)));
        for (text, code) in [
            ("0", Code::NumberOutOfRange),
            ("1.5", Code::NumberOutOfRange),
            ("0.1234567", Code::DecimalInvalid),
            ("5%", Code::DecimalInvalid),
        ] {
            assert_eq!(with("random", text), Err(vec![("/probability".into(), code)]), "{text}");
        }
        let alone = with("all", "1").unwrap_err();
        assert_eq!(alone, [("/probability".into(), Code::ValueNotAllowed)]);
    }

    #[test]
    fn every_fault_of_a_row_is_named() {
        let faults = parsed(&[
            ("outcome", "fail"),
            ("inspected_at", "2026-11-24T01:00:01Z"),
            ("selection", "directive"),
            ("severity", "none"),
            ("inspector", "Li Na"),
        ]);
        let expected = [
            ("/selection", Code::ValueNotAllowed),
            ("/inspected_at", Code::TimeInvalid),
            ("/severity", Code::ValueNotAllowed),
            ("/inspector", Code::IdInvalid),
        ];
        assert_eq!(faults, Err(expected.map(|(at, code)| (at.to_owned(), code)).to_vec()));
    }
}

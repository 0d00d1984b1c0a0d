//! A policy as people write it, in TOML or JSON: `id`, `from`, `floor`, then `rules`.

use super::{Policy, Rule, is_prefix, is_slug};
use crate::domain::id::{OfficeCode, is_id};
use crate::domain::place::Place;
use crate::domain::problem::{Code, FieldError, Problem};
use crate::domain::reference::commodity;
use crate::domain::written::Written;
use crate::domain::{day, json, share, toml};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Most rules of a policy: every declaration of a frame is held against each, and all pairs of
/// rules are compared when it is proposed.
const MOST_RULES: usize = 1_000;

/// A policy as it is proposed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"id": "breeze", "from": "2027-01-01", "floor": 0.005, "targeting_exponent": 2,
    "rules": [{"proportion": 0.02}, {"region": "africa", "commodity": "85", "proportion": 0.1}]}))]
pub struct PolicyBody {
    /// Slug: lowercase letters, digits and hyphens.
    id: String,
    /// First inspection day it is in force.
    #[serde(deserialize_with = "day::one")]
    from: NaiveDate,
    /// Least chance of any declaration before shrinking, a share with at most six places.
    #[schema(value_type = f64)]
    floor: Value,
    /// How sharply the risk score aims within a rule, 0 (not at all) to 4; 2 where it is not named.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    targeting_exponent: Option<Value>,
    /// What happens with capacity that the proportions leave free: it stays `unused`.
    #[serde(default)]
    free_capacity: Option<FreeCapacity>,
    /// The rules; one of them has no scope.
    rules: Vec<RuleBody>,
}

/// What happens with capacity that stays free. Filling it would make the chance of a declaration
/// depend on what else was declared that day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FreeCapacity {
    /// It is not filled.
    Unused,
}

/// A rule as it is proposed: any of its scope fields, and a proportion.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleBody {
    /// How the published frame calls it; its scope where it is not named.
    #[serde(default)]
    name: Option<String>,
    /// Reporting region; at most one of region, grouping and country.
    #[serde(default)]
    region: Option<String>,
    /// Grouping, with its members of the day `from`.
    #[serde(default)]
    grouping: Option<String>,
    /// Country, alpha-2.
    #[serde(default)]
    country: Option<String>,
    /// HS prefix, 2 to 10 digits.
    #[serde(default)]
    commodity: Option<String>,
    /// Office.
    #[serde(default)]
    office: Option<String>,
    /// Inspection proportion, above 0 to 1 with at most six places.
    #[schema(value_type = f64)]
    proportion: Value,
    /// Targeting exponent, where it is not the policy's.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    targeting_exponent: Option<Value>,
}

/// Reads a policy file as version `version`.
///
/// # Errors
/// [`Code::MalformedToml`], or every rule that is broken with its pointer.
pub fn parse_toml(text: &str, version: i32) -> Result<Policy, Problem> {
    toml::parse::<PolicyBody>(text)?.policy(version)
}

/// Reads a policy body as version `version`.
///
/// # Errors
/// [`Code::MalformedJson`], or every rule that is broken with its pointer.
pub fn parse_json(bytes: &[u8], version: i32) -> Result<Policy, Problem> {
    json::parse::<PolicyBody>(bytes)?.policy(version)
}

/// Reads a policy as version `version`, whichever language it is written in.
///
/// # Errors
/// As [`parse_toml`] and [`parse_json`].
pub fn parse(written: &Written, version: i32) -> Result<Policy, Problem> {
    written.read::<PolicyBody>()?.policy(version)
}

/// Keeps what was read, or notes what is wrong with it.
pub(in crate::domain) fn note<T>(
    errors: &mut Vec<FieldError>,
    read: Result<T, FieldError>,
) -> Option<T> {
    read.map_err(|error| errors.push(error)).ok()
}

impl PolicyBody {
    /// The policy it stands for, as version `version`.
    ///
    /// # Errors
    /// Every rule that is broken with its pointer.
    pub fn policy(self, version: i32) -> Result<Policy, Problem> {
        // It has one value: whoever writes it says what they know.
        let (Some(FreeCapacity::Unused) | None) = self.free_capacity;
        let mut errors = Vec::new();
        note(&mut errors, slug("/id", &self.id, 40));
        let floor_ppm = note(&mut errors, share::ppm("/floor", &self.floor));
        let exponent = exponent("", self.targeting_exponent.as_ref());
        let targeting_exponent_milli = note(&mut errors, exponent).flatten();
        if self.rules.len() > MOST_RULES {
            let words = format!(
                "{} rules are more than {MOST_RULES}: merge those that say the same",
                self.rules.len()
            );
            errors.push(FieldError::new("/rules", Code::PolicyInvalid, words));
            return Err(Problem::fields(errors));
        }
        let mut rules = Vec::with_capacity(self.rules.len());
        for (at, body) in self.rules.into_iter().enumerate() {
            rules.extend(body.rule(&format!("/rules/{at}"), self.from, &mut errors));
        }
        if !errors.is_empty() {
            return Err(Problem::fields(errors));
        }
        let floor_ppm = floor_ppm.unwrap_or_default();
        let from = self.from;
        let policy =
            Policy { id: self.id, version, from, floor_ppm, targeting_exponent_milli, rules };
        match policy.check() {
            errors if errors.is_empty() => Ok(policy),
            errors => Err(Problem::fields(errors)),
        }
    }
}

/// Checks a slug of at most `longest` characters.
pub(in crate::domain) fn slug(pointer: &str, text: &str, longest: usize) -> Result<(), FieldError> {
    if is_slug(text) && text.len() <= longest {
        return Ok(());
    }
    let words = format!(
        "`{text}` is no slug: 1 to {longest} lowercase letters, digits or hyphens, no hyphen at either end"
    );
    Err(FieldError::new(pointer, Code::IdInvalid, words))
}

/// Checks a commodity prefix, whose chapter must exist: another would hold nothing, ever.
pub(in crate::domain) fn prefix(pointer: &str, text: &str) -> Result<(), FieldError> {
    if !is_prefix(text) {
        let words = format!("`{text}` is no prefix of 2 to 10 digits");
        return Err(FieldError::new(pointer, Code::ValueNotAllowed, words));
    }
    if commodity::chapter(text).is_none() {
        let words =
            format!("`{text}` begins with no chapter of HS 2022, which has 01 to 97 without 77");
        return Err(FieldError::new(pointer, Code::CommodityUnknown, words));
    }
    Ok(())
}

/// An optional exponent under a pointer.
pub(in crate::domain) fn exponent(
    within: &str,
    value: Option<&Value>,
) -> Result<Option<u32>, FieldError> {
    let pointer = format!("{within}/targeting_exponent");
    value.map(|value| share::exponent(&pointer, value)).transpose()
}

impl RuleBody {
    fn rule(self, at: &str, from: NaiveDate, errors: &mut Vec<FieldError>) -> Option<Rule> {
        let before = errors.len();
        let place = note(errors, self.place(at, from)).flatten();
        if let Some(text) = &self.commodity {
            note(errors, prefix(&format!("{at}/commodity"), text));
        }
        let office = self.office.as_deref();
        let office = office.map(|code| OfficeCode::parse_field(&format!("{at}/office"), code));
        let office = note(errors, office.transpose()).flatten();
        let pointer = format!("{at}/proportion");
        let proportion_ppm = note(errors, share::proportion(&pointer, &self.proportion));
        let exponent = exponent(at, self.targeting_exponent.as_ref());
        let targeting_exponent_milli = note(errors, exponent).flatten();
        let name = self.name.unwrap_or_else(|| scope_name(&place, &self.commodity, &office));
        if !is_id(&name) {
            let words = format!(
                "`{name}` has more than 40 characters, or others than letters, digits, . _ / -"
            );
            errors.push(FieldError::new(format!("{at}/name"), Code::IdInvalid, words));
        }
        if name.starts_with("campaign/") {
            let words = "names that begin with `campaign/` are kept for campaigns".to_owned();
            errors.push(FieldError::new(format!("{at}/name"), Code::IdInvalid, words));
        }
        let commodity = self.commodity;
        let proportion_ppm = proportion_ppm.filter(|_| errors.len() == before)?;
        Some(Rule { name, place, commodity, office, proportion_ppm, targeting_exponent_milli })
    }

    fn place(&self, at: &str, from: NaiveDate) -> Result<Option<Place>, FieldError> {
        match (&self.region, &self.grouping, &self.country) {
            (None, None, None) => Ok(None),
            (Some(code), None, None) => Place::region(&format!("{at}/region"), code).map(Some),
            (None, Some(code), None) => {
                Place::grouping(&format!("{at}/grouping"), code, from).map(Some)
            }
            (None, None, Some(code)) => Place::country(&format!("{at}/country"), code).map(Some),
            _ => {
                let words = "names more than one of region, grouping, country: keep one of them";
                Err(FieldError::new(at, Code::PolicyInvalid, words))
            }
        }
    }
}

/// A rule without a name is called by its scope: `africa/85`, `CNTAO/africa`, `default`.
fn scope_name(
    place: &Option<Place>,
    commodity: &Option<String>,
    office: &Option<OfficeCode>,
) -> String {
    let office = office.as_ref().map(OfficeCode::as_str);
    let place = place.as_ref().map(Place::code);
    let parts: Vec<&str> = [office, place, commodity.as_deref()].into_iter().flatten().collect();
    if parts.is_empty() { "default".into() } else { parts.join("/") }
}

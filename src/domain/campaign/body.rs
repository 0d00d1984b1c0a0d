//! A campaign as people write it, in TOML or JSON.

use super::{Campaign, CampaignScope, CampaignStep};
use crate::domain::id::OfficeCode;
use crate::domain::place::Place;
use crate::domain::policy::{exponent, note, prefix, slug};
use crate::domain::problem::{Code, FieldError, Problem};
use crate::domain::written::Written;
use crate::domain::{day, json, share, text, toml};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Most entries of a scope's list, and most steps.
const MOST: usize = 500;
/// Longest slug: with `campaign/` before it, it is the rule's name in a published frame.
const LONGEST_ID: usize = 28;

/// A campaign as it is proposed.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"id": "breeze-2027", "name": "Breeze 2027", "regions": ["africa", "latin-america"],
    "groupings": ["belt-and-road"], "commodities": ["85", "6403"], "from": "2027-03-01", "until": "2027-08-31",
    "steps": [{"from": "2027-03-01", "proportion": 0.1}, {"from": "2027-04-26", "proportion": 0.05}]}))]
pub struct CampaignBody {
    /// Slug: lowercase letters, digits and hyphens, at most 28.
    id: String,
    /// What people call it.
    name: String,
    /// Reporting regions in its scope.
    #[serde(default)]
    regions: Vec<String>,
    /// Groupings in its scope, with their members of the day `from`.
    #[serde(default)]
    groupings: Vec<String>,
    /// Countries in its scope, alpha-2.
    #[serde(default)]
    countries: Vec<String>,
    /// HS prefixes in its scope; all commodities where none is named.
    #[serde(default)]
    commodities: Vec<String>,
    /// Offices in its scope; all where none is named.
    #[serde(default)]
    offices: Vec<String>,
    /// First inspection day.
    #[serde(deserialize_with = "day::one")]
    from: NaiveDate,
    /// Last inspection day.
    #[serde(deserialize_with = "day::one")]
    until: NaiveDate,
    /// In order of days; the first begins with the campaign.
    steps: Vec<StepBody>,
    /// Targeting exponent, where it is not the policy's.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    targeting_exponent: Option<Value>,
}

/// A step as it is proposed.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepBody {
    /// First inspection day.
    #[serde(deserialize_with = "day::one")]
    from: NaiveDate,
    /// Inspection proportion, above 0 to 1 with at most six places.
    #[schema(value_type = f64)]
    proportion: Value,
}

/// Reads a campaign file.
///
/// # Errors
/// [`Code::MalformedToml`], or every rule that is broken with its pointer.
pub fn parse_toml(text: &str) -> Result<Campaign, Problem> {
    toml::parse::<CampaignBody>(text)?.campaign()
}

/// Reads a campaign body.
///
/// # Errors
/// [`Code::MalformedJson`], or every rule that is broken with its pointer.
pub fn parse_json(bytes: &[u8]) -> Result<Campaign, Problem> {
    json::parse::<CampaignBody>(bytes)?.campaign()
}

/// Reads a campaign, whichever language it is written in.
///
/// # Errors
/// As [`parse_toml`] and [`parse_json`].
pub fn parse(written: &Written) -> Result<Campaign, Problem> {
    written.read::<CampaignBody>()?.campaign()
}

/// Reads a campaign out of the body of one with a JSON merge patch (RFC 7396) applied to it: what the
/// patch names is put in place, what it names null is taken away.
///
/// # Errors
/// Every rule that is broken with its pointer.
pub fn patched(campaign: &Campaign, patch: &Value) -> Result<Campaign, Problem> {
    let body = serde_json::to_value(CampaignBody::from(campaign));
    let mut body = body.map_err(|error| Problem::new(Code::Invalid, error.to_string()))?;
    merge(&mut body, patch);
    json::parse_value::<CampaignBody>(&body)?.campaign()
}

/// RFC 7396, section 2.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(fields) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Some(object) = target.as_object_mut() else { return };
    for (name, value) in fields {
        match value {
            Value::Null => drop(object.remove(name)),
            value => merge(object.entry(name.clone()).or_insert(Value::Null), value),
        }
    }
}

impl From<&Campaign> for CampaignBody {
    /// The body that it would be proposed with.
    fn from(campaign: &Campaign) -> Self {
        let CampaignScope { places, commodities, offices } = &campaign.scope;
        let places = |kind: fn(&Place) -> bool| {
            places.iter().filter(|place| kind(place)).map(|place| place.code().to_owned()).collect()
        };
        let step = |step: &CampaignStep| StepBody {
            from: step.from,
            proportion: share::number(step.proportion_ppm).into(),
        };
        Self {
            id: campaign.id.clone(),
            name: campaign.name.clone(),
            regions: places(|place| matches!(place, Place::Region(_))),
            groupings: places(|place| matches!(place, Place::Grouping { .. })),
            countries: places(|place| matches!(place, Place::Country(_))),
            commodities: commodities.clone(),
            offices: offices.iter().map(ToString::to_string).collect(),
            from: campaign.from,
            until: campaign.until,
            steps: campaign.steps.iter().map(step).collect(),
            targeting_exponent: campaign
                .targeting_exponent_milli
                .map(|milli| share::exponent_number(milli).into()),
        }
    }
}

fn breach(pointer: impl Into<String>, words: impl Into<String>) -> FieldError {
    FieldError::new(pointer, Code::CampaignInvalid, words)
}

impl CampaignBody {
    /// The campaign it stands for.
    ///
    /// # Errors
    /// Every rule that is broken with its pointer.
    pub fn campaign(self) -> Result<Campaign, Problem> {
        let mut errors = Vec::new();
        note(&mut errors, slug("/id", &self.id, LONGEST_ID));
        let name = note(&mut errors, text::checked("/name", &self.name, 200));
        if self.name.trim().is_empty() {
            let words = "say what people call the campaign";
            errors.push(FieldError::new("/name", Code::Required, words));
        }
        if self.until < self.from {
            let words = format!("ends on {}, before it begins on {}", self.until, self.from);
            errors.push(breach("/until", words));
        }
        let scope = self.scope(&mut errors);
        self.check_steps(&mut errors);
        let steps = self.steps(&mut errors);
        let exponent = exponent("", self.targeting_exponent.as_ref());
        let targeting_exponent_milli = note(&mut errors, exponent).flatten();
        match name {
            Some(name) if errors.is_empty() => {
                let (id, from, until) = (self.id, self.from, self.until);
                Ok(Campaign { id, name, scope, from, until, steps, targeting_exponent_milli })
            }
            _ => Err(Problem::fields(errors)),
        }
    }

    fn scope(&self, errors: &mut Vec<FieldError>) -> CampaignScope {
        let lists =
            [&self.regions, &self.groupings, &self.countries, &self.commodities, &self.offices];
        if lists.iter().all(|list| list.is_empty()) {
            let words = "a campaign without a scope would be a policy: name regions, groupings, countries, commodities or offices";
            errors.push(breach("", words));
        }
        let grouping = |at: &str, code: &str| Place::grouping(at, code, self.from);
        let mut places = each("regions", &self.regions, errors, Place::region);
        places.extend(each("groupings", &self.groupings, errors, grouping));
        places.extend(each("countries", &self.countries, errors, Place::country));
        let commodity = |at: &str, text: &str| prefix(at, text).map(|()| text.to_owned());
        let commodities = each("commodities", &self.commodities, errors, commodity);
        let offices = each("offices", &self.offices, errors, OfficeCode::parse_field);
        CampaignScope { places, commodities, offices }
    }

    fn check_steps(&self, errors: &mut Vec<FieldError>) {
        match self.steps.first() {
            None => {
                errors.push(breach("/steps", "needs at least one step: a day and a proportion"))
            }
            Some(first) if first.from > self.from => {
                let words = format!("the first step begins with the campaign, on {}", self.from);
                errors.push(breach("/steps/0/from", words));
            }
            Some(_) if self.steps.len() > MOST => {
                errors.push(breach("/steps", format!("more than {MOST} steps")));
            }
            Some(_) => {}
        }
        let mut before: Option<NaiveDate> = None;
        for (at, step) in self.steps.iter().enumerate() {
            let pointer = format!("/steps/{at}/from");
            let (from, until, day) = (self.from, self.until, step.from);
            if !(from..=until).contains(&day) {
                let words = format!("{day} lies outside the campaign, {from} to {until}");
                errors.push(breach(pointer, words));
            } else if before.is_some_and(|before| day <= before) {
                errors.push(breach(pointer, "steps stand in order of days, at most one a day"));
            }
            before = Some(day);
        }
    }

    fn steps(&self, errors: &mut Vec<FieldError>) -> Vec<CampaignStep> {
        let read = self.steps.iter().enumerate().filter_map(|(at, step)| {
            let pointer = format!("/steps/{at}/proportion");
            let proportion_ppm = note(errors, share::proportion(&pointer, &step.proportion))?;
            Some(CampaignStep { from: step.from, proportion_ppm })
        });
        read.collect()
    }
}

/// Reads every entry of a list; each stands in it once.
fn each<T>(
    list: &str,
    entries: &[String],
    errors: &mut Vec<FieldError>,
    read: impl Fn(&str, &str) -> Result<T, FieldError>,
) -> Vec<T> {
    if entries.len() > MOST {
        let words = format!("more than {MOST} entries: name a region or a shorter prefix instead");
        errors.push(breach(format!("/{list}"), words));
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let read = entries.iter().enumerate().filter_map(|(at, entry)| {
        let pointer = format!("/{list}/{at}");
        match seen.insert(entry) {
            true => note(errors, read(&pointer, entry)),
            false => note(errors, Err(breach(pointer, format!("`{entry}` is named twice")))),
        }
    });
    read.collect()
}

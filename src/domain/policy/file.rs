//! The policy file, TOML: `id`, `from`, `floor`, then `[[rules]]`.

use super::{Place, Policy, Rule, is_prefix, is_slug, known_country, members};
use crate::domain::day;
use crate::domain::decimal::parse_ppm;
use crate::domain::id::{OfficeCode, is_id};
use crate::domain::problem::{Code, Problem};
use crate::domain::reference::region::Region;
use chrono::NaiveDate;
use serde::Deserialize;

/// Most rules of a policy: every declaration of a frame is held against each, and all pairs of
/// rules are compared when it is loaded.
const MOST_RULES: usize = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    from: toml::Value,
    floor: toml::Value,
    rules: Vec<RuleEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleEntry {
    name: Option<String>,
    region: Option<String>,
    grouping: Option<String>,
    country: Option<String>,
    commodity: Option<String>,
    office: Option<String>,
    proportion: toml::Value,
}

/// Reads a policy file as version `version`.
///
/// # Errors
/// [`Code::PolicyInvalid`] with the place and the rule that is broken.
pub fn parse(text: &str, version: i32) -> Result<Policy, Problem> {
    let refuse = |words: String| Problem::new(Code::PolicyInvalid, words);
    let file: File = toml::from_str(text).map_err(|e| refuse(e.to_string()))?;
    if !is_slug(&file.id) {
        return Err(refuse(format!(
            "id `{}` is no slug: 1 to 40 lowercase letters, digits or hyphens",
            file.id
        )));
    }
    if file.rules.len() > MOST_RULES {
        let words = format!(
            "{} rules are more than {MOST_RULES}: merge those that say the same",
            file.rules.len()
        );
        return Err(refuse(words));
    }
    let from = from_day(&file.from).map_err(|words| refuse(format!("from: {words}")))?;
    let floor_ppm = share(&file.floor).map_err(|words| refuse(format!("floor: {words}")))?;
    let rules = file
        .rules
        .into_iter()
        .enumerate()
        .map(|(at, entry)| {
            rule(entry, from).map_err(|words| refuse(format!("rule {}: {words}", at + 1)))
        })
        .collect::<Result<_, _>>()?;
    let policy = Policy { id: file.id, version, from, floor_ppm, rules };
    policy.check()?;
    Ok(policy)
}

/// A day, as a TOML date or as text.
fn from_day(value: &toml::Value) -> Result<NaiveDate, String> {
    let text = match value {
        toml::Value::Datetime(date) => date.to_string(),
        toml::Value::String(text) => text.clone(),
        _ => return Err("is not a day such as 2026-01-01".into()),
    };
    day::parse(&text)
}

/// A share in millionths. A TOML float prints as the shortest text that reads back the same, which
/// is what stood in the file.
fn share(value: &toml::Value) -> Result<u32, String> {
    let text = match value {
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::String(text) => text.clone(),
        _ => return Err("is no share such as 0.05".into()),
    };
    parse_ppm(&text)
        .map_err(|_| format!("`{text}` is no share from 0 to 1 with at most six places"))
}

fn rule(entry: RuleEntry, from: NaiveDate) -> Result<Rule, String> {
    let place = match (entry.region, entry.grouping, entry.country) {
        (None, None, None) => None,
        (Some(region), None, None) => {
            let region = region.parse::<Region>().map_err(|unknown| unknown.to_string())?;
            Some(Place::Region(region))
        }
        (None, Some(code), None) => {
            let members = members(&code, from)?;
            Some(Place::Grouping { code, members })
        }
        (None, None, Some(country)) => Some(Place::Country(known_country(&country)?)),
        _ => return Err("names more than one of region, grouping, country".into()),
    };
    if let Some(prefix) = entry.commodity.as_deref().filter(|prefix| !is_prefix(prefix)) {
        return Err(format!("commodity `{prefix}` is no prefix of 2 to 10 digits"));
    }
    let office = entry.office.as_deref().map(OfficeCode::parse).transpose()?;
    let proportion_ppm = share(&entry.proportion).map_err(|words| format!("proportion {words}"))?;
    if proportion_ppm == 0 {
        return Err("proportion 0 would hide goods for ever: at least 0.000001".into());
    }
    let name = entry.name.unwrap_or_else(|| scope_name(&place, &entry.commodity, &office));
    if !is_id(&name) {
        return Err(format!(
            "name `{name}` has more than 40 characters, or others than letters, digits, . _ / -"
        ));
    }
    Ok(Rule { name, place, commodity: entry.commodity, office, proportion_ppm })
}

/// A rule without a name is called by its scope: `africa/85`, `CNTAO/africa`, `default`.
fn scope_name(
    place: &Option<Place>,
    commodity: &Option<String>,
    office: &Option<OfficeCode>,
) -> String {
    let place = place.as_ref().map(|place| match place {
        Place::Grouping { code, .. } => code.clone(),
        Place::Region(region) => region.code().to_owned(),
        Place::Country(country) => country.clone(),
    });
    let office = office.as_ref().map(ToString::to_string);
    let parts: Vec<String> = [office, place, commodity.clone()].into_iter().flatten().collect();
    if parts.is_empty() { "default".into() } else { parts.join("/") }
}

//! Preview a draw: how many would be drawn, by rule and stratum, from what is declared by now. Sizes
//! only, never names, and nothing is kept.

use crate::domain::declaration::stratum;
use crate::domain::draw::{Candidate, DrawState};
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::flow::chances::chances;
use crate::flow::take::Lock;
use crate::flow::{offices, risk};
use crate::store::declarations::OpenFrame;
use crate::store::{self, Store};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;

/// What a draw of a day would be as of now.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Office code.
    pub office: String,
    /// Inspection day.
    pub day: NaiveDate,
    /// When its frame closes.
    pub closes_at: DateTime<Utc>,
    /// The round it would be.
    pub round: u32,
    /// Policy: id and version.
    pub policy: (String, i32),
    /// `risk@version/sha256` or `none`.
    pub risk_model: String,
    /// Inspections there is room for.
    pub capacity: u32,
    /// Declarations by now.
    pub rows: u64,
    /// Of them, certain by directive.
    pub take_all: u64,
    /// Sum of the chances asked, in units of 2⁻³², without directives.
    pub asked: u128,
    /// Sum of the chances given, in units of 2⁻³², without directives.
    pub given: u128,
    /// What is given over what is asked, in millionths.
    pub shrink_ppm: u32,
    /// By rule, in bytewise order.
    pub rules: Vec<Part>,
    /// By stratum, in bytewise order.
    pub strata: Vec<Part>,
}

/// A part of the frame.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Rule or stratum.
    pub name: String,
    /// Its declarations.
    pub rows: u64,
    /// Of them, certain by directive.
    pub take_all: u64,
    /// Sum of the chances of the others, in units of 2⁻³².
    pub expected: u128,
}

/// Previews the draw of an office's day.
///
/// # Errors
/// [`Code::AlreadyDrawn`] when nothing waits for another round, [`Code::NoPolicy`], not found.
pub fn preview(
    store: &Store,
    caller: &Caller,
    office: &str,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Preview> {
    risk::prepare(store, [day], now)?;
    store.snapshot(|conn| {
        let office = offices::own(conn, caller, office)?;
        let code = office.code.as_str();
        let closes_at = office.calendar.closes_at(day);
        let open = OpenFrame { office: code, day, closes_at };
        let earlier = store::draws::of_day(conn, code, day)?;
        let declared = store::declarations::undrawn(conn, open)?;
        if let Some(waiting) = earlier.iter().find(|draw| draw.state == DrawState::Frozen) {
            let words = format!("the frame of {} is frozen: it waits for its entropy", waiting.id);
            return Err(Problem::new(Code::AlreadyDrawn, words).into());
        }
        if !earlier.is_empty() && declared.is_empty() {
            let words = format!("the draw of {day} is made: read it at /v1/draws");
            return Err(Problem::new(Code::AlreadyDrawn, words).into());
        }
        let chances = chances(conn, &office, day, &declared, &earlier, Lock::None)?;
        let candidates = &chances.candidates;
        let policy = &chances.on_day.in_force.policy;
        let scorer = chances.scorer.as_ref();
        Ok(Preview {
            office: code.to_owned(),
            day,
            closes_at,
            round: u32::try_from(earlier.len()).unwrap_or(u32::MAX - 1) + 1,
            policy: (policy.id.clone(), policy.version),
            risk_model: scorer.map_or("none".into(), |scorer| scorer.kept.label()),
            capacity: chances.capacity,
            rows: u64::try_from(candidates.len()).unwrap_or(u64::MAX),
            take_all: u64::try_from(chances.allocation.take_all).unwrap_or(u64::MAX),
            asked: chances.allocation.asked,
            given: chances.allocation.given,
            shrink_ppm: chances.allocation.shrink_ppm(),
            rules: parts(candidates, |c| c.rule.clone()),
            strata: parts(candidates, |c| stratum(&c.region, &c.commodity_code)),
        })
    })
}

fn parts(candidates: &[Candidate], name: impl Fn(&Candidate) -> String) -> Vec<Part> {
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    for candidate in candidates {
        let name = name(candidate);
        let part = parts.entry(name.clone()).or_insert_with(|| Part { name, ..Part::default() });
        part.rows += 1;
        part.take_all += u64::from(candidate.take_all);
        if !candidate.take_all {
            part.expected += u128::from(candidate.pi);
        }
    }
    parts.into_values().collect()
}

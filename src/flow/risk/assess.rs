//! What the active model says of a declaration, stored or not, and what was frozen with it.

use super::past::{Past, Pasts};
use super::scale::prepare;
use super::scorer::{Scorer, contributions};
use super::sheet::Sheet;
use crate::domain::approval::SignedBefore;
use crate::domain::declaration::Declaration;
use crate::domain::draw::Candidate;
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::domain::risk::RiskContribution;
use crate::error::{Error, Result};
use crate::flow::{in_force, look_up};
use crate::sampling::allocate::{FACTOR_ONE, chance_asked};
use crate::store::{self, Conn, Store};
use chrono::{DateTime, NaiveDate, Utc};

/// A declaration under the rules and the model of a day.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// The inspection day it was assessed for.
    pub day: NaiveDate,
    /// `risk@version/sha256`, where a model is active.
    pub model: Option<String>,
    /// What the exporter's past was, as `F2/major`.
    pub past: Option<String>,
    /// The score, where a model is active.
    pub score: Option<AssessedScore>,
    /// The policy: id and version.
    pub policy: (String, i32),
    /// The rule that applies.
    pub rule: String,
    /// Its proportion in millionths.
    pub proportion_ppm: u32,
    /// Floor of the policy in millionths.
    pub floor_ppm: u32,
    /// Targeting exponent in thousandths.
    pub exponent_milli: u32,
    /// Risk factor in units of 2⁻¹⁶.
    pub factor: u32,
    /// The chance that is asked for, before the day shrinks, in units of 2⁻³².
    pub asked: u64,
}

/// A score in points.
#[derive(Clone, Debug)]
pub struct AssessedScore {
    /// Estimated probability to fail.
    pub probability: f64,
    /// Log-odds of a declaration about which nothing is known.
    pub intercept: f64,
    /// What the factors add, the strongest first.
    pub contributions: Vec<RiskContribution>,
}

/// What was frozen with a declaration that is in a frame.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// The draw.
    pub draw: String,
    /// `risk@version/sha256` or `none`.
    pub model: String,
    /// The row of the frame.
    pub candidate: Candidate,
    /// The score by the model of the frame.
    pub score: Option<AssessedScore>,
}

/// The risk profile of a stored declaration.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its number.
    pub number: String,
    /// What was frozen, once it is in a frame.
    pub frozen: Option<Frozen>,
    /// What the rules and the model of now say of its inspection day; none where no policy is in force
    /// on it.
    pub current: Option<Assessment>,
}

/// Assesses a declaration that need not exist, for an inspection day; for the office's current one
/// where none is named. Nothing of it is stored.
///
/// # Errors
/// An office that is not the caller's, [`Code::NoPolicy`].
pub fn assess(
    store: &Store,
    caller: &Caller,
    declaration: &Declaration,
    day: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<Assessment> {
    let code = declaration.office.as_str();
    let office = store.read(|conn| store::offices::find(conn, code))?;
    let office = office.filter(|_| caller.scope.holds(code)).ok_or_else(|| {
        let words = format!("there is no office `{code}`");
        Problem::field("/office", Code::OfficeUnknown, words)
    })?;
    let day = day.unwrap_or_else(|| office.calendar.inspection_day(now));
    prepare(store, [day], now)?;
    let signed_before = in_force::signed_as_of(&office, day, now);
    store.snapshot(|conn| assessed(conn, declaration, day, signed_before))
}

/// The risk profile of a declaration of the caller's offices.
///
/// # Errors
/// Not found.
pub fn profile(
    store: &Store,
    caller: &Caller,
    number: &str,
    now: DateTime<Utc>,
) -> Result<Profile> {
    let day = store.read(|conn| Ok(look_up::own(conn, caller, number)?.inspection_day))?;
    prepare(store, [day], now)?;
    store.snapshot(|conn| {
        let stored = look_up::own(conn, caller, number)?;
        let frozen = match &stored.draw_id {
            Some(draw) => Some(frozen(conn, draw, &stored.declaration)?),
            None => None,
        };
        let code = stored.declaration.office.as_str();
        let office = store::offices::find(conn, code)?;
        let signed_before =
            office.and_then(|office| in_force::signed_as_of(&office, stored.inspection_day, now));
        let (declaration, day) = (&stored.declaration, stored.inspection_day);
        let current = match assessed(conn, declaration, day, signed_before) {
            Err(Error::Problem(problem)) if problem.code == Code::NoPolicy => None,
            assessed => Some(assessed?),
        };
        Ok(Profile { number: stored.declaration.number.to_string(), frozen, current })
    })
}

fn assessed(
    conn: &mut Conn,
    declaration: &Declaration,
    day: NaiveDate,
    signed_before: SignedBefore,
) -> Result<Assessment> {
    let in_force = in_force::on(conn, day, signed_before)?.in_force;
    let goods = declaration.goods();
    let applied = in_force.applied(goods).ok_or_else(|| Error::inner("no default rule"))?;
    let sheet = Sheet::from(declaration);
    let (mut factor, mut score, mut past) = (FACTOR_ONE, None, None);
    let scorer = Scorer::active(conn, &in_force, day, signed_before)?;
    if let Some(scorer) = &scorer {
        let own = Pasts::read(conn, &[&sheet.exporter_id], day)?;
        let own = own.of(&sheet.exporter_id, &sheet.number);
        let scored = AssessedScore::of(scorer, &sheet, &own);
        factor = scorer.factor(applied.rule, scored.probability)?;
        score = Some(scored);
        past = Some(own.label());
    }
    let policy = &in_force.policy;
    Ok(Assessment {
        day,
        model: scorer.map(|scorer| scorer.kept.label()),
        past,
        score,
        policy: (policy.id.clone(), policy.version),
        rule: applied.rule.to_owned(),
        proportion_ppm: applied.proportion_ppm,
        floor_ppm: policy.floor_ppm,
        exponent_milli: applied.exponent_milli,
        factor,
        asked: chance_asked(applied.proportion_ppm, factor, policy.floor_ppm),
    })
}

fn frozen(conn: &mut Conn, draw: &str, declaration: &Declaration) -> Result<Frozen> {
    let number = declaration.number.as_str();
    let lost = || Error::inner(format!("`{number}` is not in its frame"));
    let candidate = store::draws::candidate_of(conn, draw, number)?.ok_or_else(lost)?;
    let kept = store::draws::find(conn, draw)?.ok_or_else(lost)?;
    let past = candidate.scored.as_ref().and_then(|scored| Past::find(&scored.past));
    let scorer = Scorer::of_draw(conn, &kept)?;
    let score = scorer
        .zip(past)
        .map(|(scorer, past)| AssessedScore::of(&scorer, &Sheet::from(declaration), &past));
    Ok(Frozen { draw: kept.id, model: kept.risk_model, candidate, score })
}

impl AssessedScore {
    fn of(scorer: &Scorer, sheet: &Sheet, past: &Past) -> Self {
        let score = scorer.score(sheet, past);
        Self {
            probability: score.probability,
            intercept: score.intercept,
            contributions: contributions(&score),
        }
    }
}

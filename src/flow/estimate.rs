//! Estimate a policy before anybody signs it: what it would have asked of the frames that were drawn,
//! and what it would have found, as far as the results of what was drawn can tell.
//!
//! Failures are estimated by Horvitz & Thompson (1952): an inspected item that was drawn with chance
//! π and would be drawn with π' stands for π'/π items of the other sample.

use crate::domain::approval::SignedBefore;
use crate::domain::draw::{Candidate, Draw, DrawState, probability};
use crate::domain::in_force::InForce;
use crate::domain::inspection::ItemState;
use crate::domain::key::Caller;
use crate::domain::policy::{Goods, Policy};
use crate::domain::problem::{Code, Problem};
use crate::domain::reference::country;
use crate::error::{Error, Result};
use crate::flow::in_force;
use crate::sampling::allocate::{self, Allocation, FACTOR_ONE, allocate};
use crate::statistics::risk::{FEWEST, Scale, calibrate};
use crate::store::{self, Conn, Store};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};

/// Most days of a window.
const LONGEST: i64 = 366;
/// Most declarations of a window: each is read twice.
const MOST_ROWS: u64 = 5_000_000;

/// What a policy would have done with the frames of a window.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// First and last inspection day.
    pub days: (NaiveDate, NaiveDate),
    /// By office, in bytewise order.
    pub offices: Vec<Part>,
    /// By rule of the policy, in their order; campaigns that ran come last.
    pub rules: Vec<Part>,
    /// All of them.
    pub total: Part,
}

/// A part of the frames: as it was drawn, and as the policy would have it. Sums of chances are in
/// units of 2⁻³² and leave directives out.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Office, rule, or nothing for the whole.
    pub name: String,
    /// Frames.
    pub frames: u64,
    /// Declarations in them.
    pub declared: u64,
    /// Inspections there was room for; for offices and the whole.
    pub capacity: u64,
    /// As it was.
    pub before: Side,
    /// As the policy would have it.
    pub proposed: Side,
    /// Items with a result, passed or failed, directives apart.
    pub inspected: u64,
    /// Of them, failed.
    pub failed: u64,
}

/// One of the two policies.
#[derive(Clone, Copy, Debug, Default)]
pub struct Side {
    /// Σ of the chances asked.
    pub asked: u128,
    /// Σ of the chances given: the expected number of inspections.
    pub given: u128,
    /// Frames that asked for more than there was room.
    pub short_frames: u64,
    /// Smallest share of what was asked that a frame got, in millionths.
    pub worst_shrink_ppm: Option<u32>,
    /// Expected failures among what is drawn and inspected.
    pub failures: f64,
}

impl Side {
    fn frame(&mut self, asked: u128, given: u128) {
        if given < asked {
            self.short_frames += 1;
        }
        let ppm = given.saturating_mul(1_000_000).checked_div(asked).unwrap_or(1_000_000);
        let ppm = u32::try_from(ppm).unwrap_or(1_000_000);
        self.worst_shrink_ppm = Some(self.worst_shrink_ppm.map_or(ppm, |worst| worst.min(ppm)));
    }
}

/// Estimates a policy on the frames of a window of the caller's offices. Each frame keeps its scores,
/// its directives, its campaigns and its room; the factors are measured on the window itself.
///
/// # Errors
/// A window that is no window; [`Code::NothingDrawn`] where it holds no frame.
pub fn estimate(
    store: &Store,
    caller: &Caller,
    policy: &Policy,
    days: (NaiveDate, NaiveDate),
) -> Result<Estimate> {
    check(days)?;
    store.snapshot(|conn| {
        let filter =
            store::draws::Filter { offices: Vec::new(), days: (Some(days.0), Some(days.1)) };
        let mut draws = store::draws::list(conn, &caller.scope, &filter, None, i64::MAX)?;
        draws.retain(|draw| draw.state != DrawState::Frozen);
        if draws.is_empty() {
            let words =
                format!("no frame of {} to {} was drawn: nothing to estimate on", days.0, days.1);
            return Err(Problem::new(Code::NothingDrawn, words).into());
        }
        let rows: u64 = draws.iter().map(|draw| draw.frame_rows).sum();
        if rows > MOST_ROWS {
            let words = format!("{rows} declarations are more than {MOST_ROWS}: choose fewer days");
            return Err(Problem::field("/to", Code::NumberOutOfRange, words).into());
        }
        let mut rules = Rules::new(conn, policy, &draws)?;
        rules.measure(conn, &draws)?;
        let mut estimate = Tally::default();
        for draw in &draws {
            estimate.add(conn, &rules, draw)?;
        }
        Ok(estimate.done(days, &rules))
    })
}

fn check(days: (NaiveDate, NaiveDate)) -> Result<(), Problem> {
    let refuse =
        |pointer: &str, words: String| Err(Problem::field(pointer, Code::NumberOutOfRange, words));
    match (days.1 - days.0).num_days() {
        long if long < 0 => refuse("/to", format!("{} lies before `from`, {}", days.1, days.0)),
        long if long >= LONGEST => {
            refuse("/to", format!("the window has more than {LONGEST} days: choose a shorter one"))
        }
        _ => Ok(()),
    }
}

/// A day, and which signatures of campaigns count for a frame of it: those that counted then.
type Moment = (NaiveDate, SignedBefore);

fn moment(draw: &Draw) -> Moment {
    (draw.day, (!draw.retrospective).then_some(draw.closed_at))
}

/// A rule as it is measured: campaigns have other proportions at other steps.
type Measured = (String, u32, u32);

/// The rules of the policy and of the campaigns of each day, with their scales.
struct Rules {
    in_force: HashMap<Moment, InForce>,
    floor_ppm: u32,
    names: Vec<String>,
    scales: HashMap<Measured, Scale>,
}

impl Rules {
    fn new(conn: &mut Conn, policy: &Policy, draws: &[Draw]) -> Result<Self> {
        let mut in_force: HashMap<Moment, InForce> = HashMap::new();
        let mut names: Vec<String> = policy.rules.iter().map(|rule| rule.name.clone()).collect();
        for draw in draws {
            let moment = moment(draw);
            if in_force.contains_key(&moment) {
                continue;
            }
            let of_day = in_force::under(conn, policy.clone(), draw.day, moment.1)?;
            for step in of_day.steps() {
                if !names.contains(&step.rule) {
                    names.push(step.rule.clone());
                }
            }
            in_force.insert(moment, of_day);
        }
        Ok(Self { in_force, floor_ppm: policy.floor_ppm, names, scales: HashMap::new() })
    }

    /// Measures the factors of each rule on the scores that were frozen, so that they average 1 in it.
    fn measure(&mut self, conn: &mut Conn, draws: &[Draw]) -> Result<()> {
        let mut scores: BTreeMap<Measured, Vec<f64>> = BTreeMap::new();
        for draw in draws {
            each_candidate(conn, draw, |candidate| {
                let (Some(scored), false) = (&candidate.scored, candidate.take_all) else {
                    return Ok(());
                };
                let (rule, proportion, exponent) = self.applied(draw, candidate)?;
                let own = scores.entry((rule.to_owned(), proportion, exponent)).or_default();
                own.push(f64::from(scored.score_ppb) / 1e9);
                Ok(())
            })?;
        }
        let all: Vec<f64> = scores.values().flatten().copied().collect();
        for (measured, own) in scores {
            let (_, proportion, exponent) = measured;
            let on = if own.len() < FEWEST { &all } else { &own };
            self.scales.insert(measured, calibrate(on, proportion, self.floor_ppm, exponent));
        }
        Ok(())
    }

    /// The rule that applies: name, proportion, exponent.
    fn applied(&self, draw: &Draw, candidate: &Candidate) -> Result<(&str, u32, u32)> {
        let lost = || Error::inner("a frozen row without a rule");
        let country = country::find(&candidate.country).ok_or_else(lost)?;
        let goods = Goods {
            office: draw.office.as_str(),
            country: country.alpha2,
            region: country.region,
            commodity: &candidate.commodity_code,
        };
        let applied = self.in_force.get(&moment(draw)).and_then(|of_day| of_day.applied(goods));
        let applied = applied.ok_or_else(lost)?;
        Ok((applied.rule, applied.proportion_ppm, applied.exponent_milli))
    }

    /// The chances of a frame under the policy.
    fn allocate(&self, draw: &Draw, rows: &[(Candidate, &str)]) -> Result<Allocation> {
        let mut asked = Vec::with_capacity(rows.len());
        for (candidate, _) in rows {
            let (rule, proportion_ppm, exponent) = self.applied(draw, candidate)?;
            let scale = self.scales.get(&(rule.to_owned(), proportion_ppm, exponent));
            let scored = candidate.scored.as_ref().zip(scale);
            let factor = scored.map_or(FACTOR_ONE, |(scored, scale)| {
                scale.factor(f64::from(scored.score_ppb) / 1e9)
            });
            asked.push(allocate::Candidate {
                number: &candidate.declaration_number,
                proportion_ppm,
                factor,
                take_all: candidate.take_all,
            });
        }
        let capacity = u64::from(draw.capacity);
        allocate(capacity, self.floor_ppm, &asked).map_err(|error| Error::Inner(error.into()))
    }
}

/// Rows that are read at a time.
const PAGE: i64 = 5_000;

fn each_candidate(
    conn: &mut Conn,
    draw: &Draw,
    mut work: impl FnMut(&Candidate) -> Result<()>,
) -> Result<()> {
    let mut after = String::new();
    loop {
        let page = store::draws::candidates(conn, &draw.id, &after, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.declaration_number.clone();
        page.iter().try_for_each(&mut work)?;
    }
}

/// The sums so far.
#[derive(Default)]
struct Tally {
    offices: BTreeMap<String, Part>,
    rules: HashMap<String, Part>,
    total: Part,
}

impl Tally {
    fn add(&mut self, conn: &mut Conn, rules: &Rules, draw: &Draw) -> Result<()> {
        let mut rows = Vec::new();
        each_candidate(conn, draw, |candidate| {
            let (rule, ..) = rules.applied(draw, candidate)?;
            rows.push((candidate.clone(), rule));
            Ok(())
        })?;
        let allocation = rules.allocate(draw, &rows)?;
        let office = self.offices.entry(draw.office.to_string()).or_default();
        for part in [office, &mut self.total] {
            part.frames += 1;
            part.capacity += u64::from(draw.capacity);
            part.before.asked += draw.asked;
            part.before.frame(draw.asked, draw.given);
            part.proposed.asked += allocation.asked;
            part.proposed.frame(allocation.asked, allocation.given);
        }
        let results = results(conn, draw)?;
        for ((candidate, rule), proposed) in rows.iter().zip(&allocation.pi) {
            let failed = results.get(&candidate.declaration_number).copied();
            let of_rule = self.rules.entry((*rule).to_owned()).or_default();
            let office = self.offices.entry(draw.office.to_string()).or_default();
            for part in [of_rule, office, &mut self.total] {
                part.row(candidate, *proposed, failed);
            }
        }
        Ok(())
    }

    fn done(self, days: (NaiveDate, NaiveDate), rules: &Rules) -> Estimate {
        let Self { offices, rules: mut by_rule, total } = self;
        let named = |name: String, part: Part| Part { name, ..part };
        let rule = |name: &String| named(name.clone(), by_rule.remove(name).unwrap_or_default());
        Estimate {
            days,
            rules: rules.names.iter().map(rule).collect(),
            offices: offices.into_iter().map(|(name, part)| named(name, part)).collect(),
            total,
        }
    }
}

impl Part {
    fn row(&mut self, candidate: &Candidate, proposed: u64, failed: Option<bool>) {
        self.declared += 1;
        if candidate.take_all {
            return;
        }
        self.before.given += u128::from(candidate.pi);
        self.proposed.given += u128::from(proposed);
        let Some(failed) = failed else { return };
        self.inspected += 1;
        if failed {
            self.failed += 1;
            self.before.failures += 1.0;
            self.proposed.failures += probability(proposed) / probability(candidate.pi);
        }
    }
}

/// Whether each inspected item of a draw failed, by declaration.
fn results(conn: &mut Conn, draw: &Draw) -> Result<HashMap<String, bool>> {
    let items = store::items::of_draw(conn, &draw.id)?;
    let inspected = items.into_iter().filter_map(|item| {
        let failed = match item.state {
            ItemState::Passed => false,
            ItemState::Failed => true,
            ItemState::Open | ItemState::NotInspected => return None,
        };
        Some((item.candidate.declaration_number, failed))
    });
    Ok(inspected.collect())
}

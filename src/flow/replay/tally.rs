//! Adds frames up while they are drawn.

use super::month::{Month, found, relative_rmse};
use super::report::{FitReport, MonthReport, OfficeReport, Report, Shares, Totals};
use super::text::Text;
use super::world::{Declared, World};
use crate::error::Result;
use crate::sampling::allocate::{Allocation, CERTAIN, FACTOR_ONE, WHOLE_PPM};
use crate::statistics::float;
use chrono::{Datelike, NaiveDate};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// The least and the largest risk factor in units of 2⁻¹⁶, 1/5 rounded and 8.
const LEAST: u32 = 13_107;
const MOST: u32 = 8 * FACTOR_ONE;

/// One row of a frame after its draw.
pub struct Drawn<'w> {
    /// The declaration.
    pub row: &'w Declared,
    /// Its risk factor, in units of 2⁻¹⁶.
    pub factor: u32,
    /// Whether the policy's floor lifted what it asked for.
    pub lifted: bool,
    /// Its chance, in units of 2⁻³².
    pub pi: u64,
    /// Whether it was drawn.
    pub drawn: bool,
}

/// The sums so far.
pub struct Tally {
    capacity: u32,
    days: Option<(NaiveDate, NaiveDate)>,
    offices: HashMap<Text, Office>,
    months: BTreeMap<(i32, u32), Month>,
    asked: f64,
    given: f64,
    ends: Ends,
    /// Office, day and number of the drawn.
    fingerprint: Sha256,
}

#[derive(Clone, Copy, Default)]
struct Office {
    frames: u64,
    declared: u64,
    inspections: u64,
    failures: u64,
    over: u64,
    /// The smallest given / asked, in millionths.
    worst_shrink_ppm: Option<u32>,
}

/// Rows at an end of the scale.
#[derive(Clone, Copy, Default)]
struct Ends {
    least: u64,
    most: u64,
    floor: u64,
    certain: u64,
}

impl Tally {
    /// Nothing yet.
    pub fn new(capacity: u32) -> Self {
        Self {
            capacity,
            days: None,
            offices: HashMap::new(),
            months: BTreeMap::new(),
            asked: 0.0,
            given: 0.0,
            ends: Ends::default(),
            fingerprint: Sha256::new(),
        }
    }

    /// Adds the frame of an office's day.
    pub fn add(&mut self, frame: &[Drawn<'_>], allocation: &Allocation) -> Result<()> {
        let Some(row) = frame.first().map(|drawn| drawn.row) else { return Ok(()) };
        let (office, day) = (row.office, row.day);
        let first = self.days.map_or(day, |(first, _)| first);
        self.days = Some((first, day));
        self.asked += chances(allocation.asked);
        self.given += chances(allocation.given);
        self.offices.entry(office).or_default().add(frame, allocation);
        self.months.entry((day.year(), day.month())).or_default().add(frame)?;
        self.ends.add(frame);
        for drawn in frame.iter().filter(|drawn| drawn.drawn) {
            self.fingerprint.update(format!("{day} {}\n", drawn.row.number));
        }
        Ok(())
    }

    /// The report.
    pub fn report(self, world: &World, fits: Vec<FitReport>) -> Report {
        let months: Vec<MonthReport> =
            self.months.iter().map(|(&at, month)| month.report(at)).collect();
        let totals = self.totals(&months);
        let days = self.days.map_or(0, |(first, last)| (last - first).num_days() + 1);
        let office = |(&office, sums): (&Text, &Office)| {
            sums.report(world.texts().get(office), days, self.capacity)
        };
        let mut offices: Vec<OfficeReport> = self.offices.iter().map(office).collect();
        offices.sort_unstable_by(|a, b| a.office.cmp(&b.office));
        let drawn_sha256 = hex::encode(self.fingerprint.finalize());
        Report { totals, offices, months, fits, drawn_sha256 }
    }

    fn totals(&self, months: &[MonthReport]) -> Totals {
        let all = self.months.values().fold(Month::default(), |sum, month| sum.plus(month));
        let precision = all.precision();
        let equal_precision = all.equal_precision();
        let offices = || self.offices.values();
        let worst = offices().filter_map(|office| office.worst_shrink_ppm).min();
        let covered = months.iter().filter(|month| month.covered == Some(true)).count();
        let estimated = months.iter().filter(|month| month.covered.is_some()).count();
        Totals {
            from: self.days.map(|(first, _)| first),
            to: self.days.map(|(_, last)| last),
            frames: offices().map(|office| office.frames).sum(),
            declared: all.declared,
            failing: all.failing,
            asked: self.asked,
            expected: self.given,
            inspections: all.inspections,
            failures_found: all.failures,
            precision,
            equal_precision,
            lift: ratio(precision, equal_precision),
            days_over_capacity: offices().map(|office| office.over).sum(),
            worst_shrink: shrink(worst),
            months_estimated: count(estimated),
            months_covered: count(covered),
            relative_rmse: relative_rmse(months),
            shares: self.ends.shares(all.declared),
        }
    }
}

impl Office {
    fn add(&mut self, frame: &[Drawn<'_>], allocation: &Allocation) {
        let (inspections, failures) = found(frame);
        let shrink = allocation.shrink_ppm();
        self.frames += 1;
        self.declared += count(frame.len());
        self.inspections += inspections;
        self.failures += failures;
        self.over += u64::from(allocation.is_shrunk());
        self.worst_shrink_ppm = Some(self.worst_shrink_ppm.map_or(shrink, |ppm| ppm.min(shrink)));
    }

    fn report(&self, office: &str, days: i64, capacity: u32) -> OfficeReport {
        OfficeReport {
            office: office.to_owned(),
            days: u64::try_from(days).unwrap_or(0),
            frames: self.frames,
            declared: self.declared,
            capacity,
            inspections: self.inspections,
            failures_found: self.failures,
            days_over_capacity: self.over,
            worst_shrink: shrink(self.worst_shrink_ppm),
        }
    }
}

impl Ends {
    fn add(&mut self, frame: &[Drawn<'_>]) {
        let rows = |is: &dyn Fn(&Drawn<'_>) -> bool| count(frame.iter().filter(|d| is(d)).count());
        self.least += rows(&|drawn| drawn.factor <= LEAST);
        self.most += rows(&|drawn| drawn.factor >= MOST);
        self.floor += rows(&|drawn| drawn.lifted);
        self.certain += rows(&|drawn| drawn.pi == CERTAIN);
    }

    fn shares(&self, declared: u64) -> Shares {
        let share = |rows: u64| float(rows) / float(declared.max(1));
        Shares {
            least_factor: share(self.least),
            most_factor: share(self.most),
            floor: share(self.floor),
            certain: share(self.certain),
        }
    }
}

/// Σq as a number of inspections.
fn chances(sum: u128) -> f64 {
    let unit = u128::from(CERTAIN);
    let part = |part: u128| float(u64::try_from(part).unwrap_or(u64::MAX));
    part(sum / unit) + part(sum % unit) / float(CERTAIN)
}

fn shrink(ppm: Option<u32>) -> f64 {
    f64::from(ppm.unwrap_or(WHOLE_PPM)) / f64::from(WHOLE_PPM)
}

fn ratio(part: Option<f64>, whole: Option<f64>) -> Option<f64> {
    part.zip(whole).filter(|&(_, whole)| whole > 0.0).map(|(part, whole)| part / whole)
}

/// A length as a count.
pub fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

/// part / whole; 0 of nothing.
pub fn share(part: u64, whole: u64) -> f64 {
    float(part) / float(whole.max(1))
}

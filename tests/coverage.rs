//! A year of customs drawn and rated: how often the 95 % interval of a month and region holds the
//! true failure rate of everything declared there.
//!
//! Five offices, about 35 declarations a day each, seven regions and a dozen chapters of which about
//! a fifth fails, as in a customs file of that size. Drawn with the real design, in two ways. *Plain*:
//! every declaration with 10 %, room for 40 a day. *Aimed*: proportions by region that a campaign
//! raises in the course of the year, risk factors from a fifth to eight that are right on average
//! only, directives, and days on which the office can do less than was asked. Only what was drawn and
//! inspected reveals its truth; a part of it never is.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on fails, and its numbers are small"
)]

use breeze::domain::draw::Selection;
use breeze::domain::inspection::ItemState;
use breeze::domain::period::PeriodKind;
use breeze::flow::rates::cells::assemble;
use breeze::flow::rates::parts::{self, Rows};
use breeze::flow::rates::responses::{ClassCounts, Classes, Responses};
use breeze::flow::rates::{Ask, Cell, Words};
use breeze::sampling::allocate::{Candidate, FACTOR_ONE, allocate};
use breeze::sampling::select::{Row, select};
use breeze::sampling::ticket::Tickets;
use breeze::store::rates::{DrawnRow, FrameRows, Place};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;

/// Years simulated, each from a seed of its own.
const SEEDS: std::ops::Range<u64> = 20_261_124..20_261_128;
/// How a year is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Plain,
    Aimed,
}

/// Share of cells whose interval must hold the truth.
const PROMISED: f64 = 0.93;
const OFFICES: [&str; 5] = ["10", "20", "30", "40", "41"];
const DECLARATIONS: u64 = 35;
/// Region, country, its share of what is declared, its proportion in ppm before and during the
/// campaign, and by how much its odds of failing differ (log-odds).
const REGIONS: [(&str, &str, f64, [u32; 2], f64); 7] = [
    ("asia", "VN", 0.44, [80_000, 80_000], 0.0),
    ("europe", "DE", 0.2, [80_000, 80_000], -0.4),
    ("northern-america", "US", 0.14, [60_000, 60_000], -0.2),
    ("africa", "KE", 0.1, [100_000, 250_000], 0.5),
    ("latin-america", "BR", 0.06, [100_000, 200_000], 0.2),
    ("oceania", "AU", 0.05, [80_000, 80_000], -0.3),
    ("other", "AQ", 0.01, [80_000, 80_000], 0.0),
];
/// Chapters and their log-odds of failing.
const CHAPTERS: [(&str, f64); 12] = [
    ("08", -0.9),
    ("29", -0.6),
    ("30", -1.4),
    ("39", -0.3),
    ("42", 0.9),
    ("61", 0.4),
    ("62", 0.5),
    ("64", 0.8),
    ("84", -0.5),
    ("85", -0.1),
    ("90", -0.2),
    ("95", 0.6),
];

/// SplitMix64 (Steele, Lea & Flood 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in 0…1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.share() * end as f64) as u64
    }

    /// Roughly normal, mean 0, spread 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }
}

struct Declaration {
    number: String,
    stratum: String,
    place: Place,
    proportion_ppm: u32,
    factor: u32,
    take_all: bool,
    fails: bool,
}

fn declare(chance: &mut Chance, way: Way, day: NaiveDate, office: &str, at: u64) -> Declaration {
    let mut reached = chance.share();
    let region = REGIONS.iter().find(|region| {
        reached -= region.2;
        reached < 0.0
    });
    let &(region, country, _, proportions, odds) = region.unwrap_or(&REGIONS[0]);
    let (chapter, chapter_odds) = CHAPTERS[chance.below(CHAPTERS.len() as u64) as usize];
    let log_odds = -1.5 + odds + chapter_odds + 0.9 * chance.normal();
    let risk = 1.0 / (1.0 + (-log_odds).exp());
    // What the model thinks of it: the risk, blurred.
    let score = risk / 0.22 * (0.5 * chance.normal()).exp();
    let factor = (score.powi(2).clamp(0.2, 8.0) * f64::from(FACTOR_ONE)) as u32;
    let campaign = usize::from((5..=10).contains(&day.month()));
    Declaration {
        number: format!("{office}-{}-{at:03}", day.format("%Y%m%d")),
        stratum: format!("{region}/{chapter}"),
        place: Place {
            day,
            office: office.into(),
            region: region.into(),
            country: country.into(),
            commodity: format!("{chapter}0110"),
            exporter: String::new(),
            selection: None,
        },
        proportion_ppm: if way == Way::Aimed { proportions[campaign] } else { 100_000 },
        factor: if way == Way::Aimed { factor } else { FACTOR_ONE },
        take_all: way == Way::Aimed && chance.share() < 0.004,
        fails: chance.share() < risk,
    }
}

/// What a day can do: mostly plenty, some days less than is asked.
fn capacity(chance: &mut Chance, way: Way) -> u64 {
    if way == Way::Aimed && chance.share() < 0.3 { 2 + chance.below(4) } else { 40 }
}

/// What became of a drawn declaration.
fn state(chance: &mut Chance, row: &Declaration) -> ItemState {
    // Some offices miss more than others, and nobody misses by result.
    let missed = if row.place.office == "41" { 0.15 } else { 0.03 };
    match (chance.share() < missed, row.fails) {
        (true, _) => ItemState::NotInspected,
        (false, true) => ItemState::Failed,
        (false, false) => ItemState::Passed,
    }
}

/// Draws one office's day with the real design and keeps what the store would keep.
fn draw(chance: &mut Chance, way: Way, frame: &[Declaration], rows: &mut Rows) {
    let candidates: Vec<Candidate> = frame.iter().map(candidate).collect();
    let pi = allocate(capacity(chance, way), 5_000, &candidates).unwrap().pi;
    let line = frame.iter().zip(&pi);
    let line: Vec<Row> =
        line.map(|(row, &pi)| Row { number: &row.number, stratum: &row.stratum, pi }).collect();
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&chance.next().to_be_bytes());
    let selection = select(&Tickets::new(&seed), &line).unwrap();
    let place = |row: &Declaration| {
        let selection = if row.take_all { Selection::Directive } else { Selection::Random };
        Place { selection: Some(selection), ..row.place.clone() }
    };
    for (row, &pi) in frame.iter().zip(&pi) {
        rows.frames.push(FrameRows { place: place(row), pi, rows: 1 });
    }
    let drawn = selection.certain.iter().copied().chain(selection.drawn.iter().map(|hit| hit.row));
    for row in drawn {
        let (row, pi) = (&frame[row as usize], pi[row as usize]);
        let state = state(chance, row);
        rows.drawn.push(DrawnRow { place: place(row), pi, state });
    }
}

fn candidate(row: &Declaration) -> Candidate<'_> {
    Candidate {
        number: &row.number,
        proportion_ppm: row.proportion_ppm,
        factor: row.factor,
        take_all: row.take_all,
    }
}

/// Declared and failing, by month and region.
type Truth = BTreeMap<(String, String), (u64, u64)>;

/// Simulates a year.
fn year(chance: &mut Chance, way: Way) -> (Rows, Truth) {
    let (mut rows, mut truth) = (Rows::default(), Truth::new());
    let first = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
    for day in first.iter_days().take_while(|day| day.year() == 2025) {
        for office in OFFICES {
            let number = DECLARATIONS - 7 + chance.below(15);
            let frame: Vec<_> =
                (0..number).map(|at| declare(chance, way, day, office, at)).collect();
            for row in &frame {
                let key = (PeriodKind::Month.of(day).to_string(), row.place.region.clone());
                let cell = truth.entry(key).or_default();
                *cell = (cell.0 + 1, cell.1 + u64::from(row.fails));
            }
            draw(chance, way, &frame, &mut rows);
        }
    }
    (rows, truth)
}

/// The rates by month and region.
fn rates(rows: Rows) -> Vec<Cell> {
    let words = Words {
        period: "month".into(),
        from: "2025".into(),
        to: "2025".into(),
        split_by: vec!["region".into()],
        ..Words::default()
    };
    let ask = Ask::parse(&words).unwrap();
    let mut classes = Classes::new();
    for row in &rows.drawn {
        let month = PeriodKind::Month.of(row.place.day).first();
        let key = (month, row.place.office.clone(), row.place.region.clone());
        let counts: &mut ClassCounts = classes.entry(key).or_default();
        counts.drawn += 1;
        counts.inspected += u64::from(row.state != ItemState::NotInspected);
    }
    let responses = Responses::of(&classes).unwrap();
    assemble(&ask, &parts::add(rows).unwrap(), &responses).unwrap()
}

/// What the cells of one or more years have shown.
#[derive(Default)]
struct Shown {
    cells: u64,
    held: u64,
    empty: u64,
    inspected: u64,
    width: f64,
    /// Of cells with 30 inspected or more: estimate − truth and observed − truth.
    errors: Vec<(f64, f64)>,
}

impl Shown {
    fn look(&mut self, cell: &Cell, (declared, failing): (u64, u64)) {
        assert_eq!(cell.declared(), declared);
        let truth = failing as f64 / declared as f64;
        self.inspected += cell.rate.inspected;
        let (Some(low), Some(high)) = (cell.rate.low, cell.rate.high) else {
            self.empty += 1;
            return;
        };
        self.cells += 1;
        self.held += u64::from(low - 1e-12 <= truth && truth <= high + 1e-12);
        self.width += high - low;
        if cell.rate.inspected >= 30 {
            let error = (cell.rate.estimated.unwrap() - truth, cell.rate.observed.unwrap() - truth);
            self.errors.push(error);
        }
    }

    fn coverage(&self) -> f64 {
        self.held as f64 / self.cells as f64
    }

    fn print(&self) {
        println!(
            "{} inspected; {} of {} cells hold the truth ({:.1} %), {} empty; mean width {:.3}; \
             bias of the estimate {:+.4}, of what was observed {:+.4}",
            self.inspected,
            self.held,
            self.cells,
            100.0 * self.coverage(),
            self.empty,
            self.width / self.cells as f64,
            self.bias(|error| error.0),
            self.bias(|error| error.1),
        );
    }

    fn bias(&self, of: fn(&(f64, f64)) -> f64) -> f64 {
        self.errors.iter().map(of).sum::<f64>() / self.errors.len() as f64
    }
}

/// Simulates, prints and looks at the years of all seeds.
fn years(way: Way) -> Shown {
    let mut all = Shown::default();
    for seed in SEEDS {
        let (rows, truth) = year(&mut Chance(seed), way);
        let mut shown = Shown::default();
        for cell in rates(rows) {
            let key = (cell.period.to_string(), cell.labels[0].clone().unwrap());
            shown.look(&cell, truth[&key]);
            all.look(&cell, truth[&key]);
        }
        let sum = |sum: (u64, u64), cell: &(u64, u64)| (sum.0 + cell.0, sum.1 + cell.1);
        let (declared, failing) = truth.values().fold((0, 0), sum);
        let failing = 100.0 * failing as f64 / declared as f64;
        print!("{way:?}, seed {seed}: {declared} declared, {failing:.1} % fail; ");
        shown.print();
    }
    print!("{way:?}, all seeds: ");
    all.print();
    all
}

#[test]
fn the_interval_of_a_month_and_region_holds_the_truth_when_all_chances_are_alike() {
    let all = years(Way::Plain);
    assert!(all.coverage() >= PROMISED, "{} of {} cells", all.held, all.cells);
    assert!(all.bias(|error| error.0).abs() < 0.01, "the estimate is biased");
}

#[test]
fn the_interval_of_a_month_and_region_holds_the_truth_when_the_sample_is_aimed() {
    let all = years(Way::Aimed);
    assert!(all.coverage() >= PROMISED, "{} of {} cells", all.held, all.cells);
    assert!(all.bias(|error| error.0).abs() < 0.02, "the estimate is biased");
    assert!(all.bias(|error| error.1) > 0.1, "the sample was not aimed");
}

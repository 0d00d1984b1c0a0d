//! How far it got: what the rules asked, what was drawn, what was inspected, and why the rest was not.

use super::ask::{Ask, Split};
use super::cells::{Cell, Label};
use super::labels::{Known, is_asked, labels};
use super::{Scene, narrowed, of, offices};
use crate::domain::inspection::NotInspectedReason;
use crate::domain::key::Caller;
use crate::domain::period::Period;
use crate::error::Result;
use crate::store::rates::{Detail, DrawFigures, Filter};
use crate::store::{self, Conn, Store};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

/// One chance of certainty, in units of 2⁻³².
const CERTAIN: f64 = 4_294_967_296.0;

/// What the rows of frames say beyond their counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Rows of frames.
    pub rows: u64,
    /// Sum of the proportions of their rules, in millionths.
    pub proportion_ppm: u64,
    /// Sum of their inclusion probabilities, in units of 2⁻³².
    pub pi: u64,
    /// Of the rows left to chance, those that asked for no more than the floor.
    pub at_floor: u64,
    /// What could not be inspected, by reason.
    pub reasons: Reasons,
    /// The days of offices that any row is of.
    pub days: BTreeSet<(String, NaiveDate)>,
}

/// Why drawn goods were not inspected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the reasons of the domain")]
pub struct Reasons {
    pub goods_left: u64,
    pub no_access: u64,
    pub office_closed: u64,
    pub other: u64,
    pub cancelled: u64,
}

impl Reasons {
    fn add(&mut self, reason: NotInspectedReason, rows: u64) {
        *match reason {
            NotInspectedReason::GoodsLeft => &mut self.goods_left,
            NotInspectedReason::NoAccess => &mut self.no_access,
            NotInspectedReason::OfficeClosed => &mut self.office_closed,
            NotInspectedReason::Other => &mut self.other,
            NotInspectedReason::Cancelled => &mut self.cancelled,
        } += rows;
    }
}

impl AddAssign for Reasons {
    fn add_assign(&mut self, other: Self) {
        self.goods_left += other.goods_left;
        self.no_access += other.no_access;
        self.office_closed += other.office_closed;
        self.other += other.other;
        self.cancelled += other.cancelled;
    }
}

impl AddAssign<&Asked> for Asked {
    fn add_assign(&mut self, other: &Self) {
        self.rows += other.rows;
        self.proportion_ppm += other.proportion_ppm;
        self.pi += other.pi;
        self.at_floor += other.at_floor;
        self.reasons += other.reasons;
        self.days.extend(other.days.iter().cloned());
    }
}

impl Asked {
    /// The mean proportion of the rules; `None` without rows.
    pub fn target_proportion(&self) -> Option<f64> {
        self.of_rows(float(self.proportion_ppm) / 1e6)
    }

    /// Σπ: how many a draw of these chances draws on average.
    pub fn expected_size(&self) -> f64 {
        float(self.pi) / CERTAIN
    }

    /// Σπ as a share of the rows; `None` without rows.
    pub fn expected_proportion(&self) -> Option<f64> {
        self.of_rows(self.expected_size())
    }

    /// The share of rows that asked for no more than the floor; `None` without rows.
    pub fn floor_share(&self) -> Option<f64> {
        self.of_rows(float(self.at_floor))
    }

    fn of_rows(&self, sum: f64) -> Option<f64> {
        (self.rows > 0).then(|| sum / float(self.rows))
    }
}

/// How far the days of offices had to be shrunk to what the offices can do.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shrinking {
    /// Days of offices.
    pub office_days: u64,
    /// Of them, those that asked for more than was given.
    pub shrunk_days: u64,
    /// Σ of the chances that these days asked, whole days, without directives.
    pub asked: u128,
    /// Σ of the chances that were given.
    pub given: u128,
}

impl Shrinking {
    /// Of some days of offices.
    pub fn of(days: &BTreeSet<(String, NaiveDate)>, draws: &Draws) -> Self {
        let mut all = Self { office_days: count(days.len()), ..Self::default() };
        for (asked, given) in days.iter().filter_map(|day| draws.0.get(day)) {
            all.shrunk_days += u64::from(given < asked);
            all.asked += asked;
            all.given += given;
        }
        all
    }

    /// given/asked; `None` where nothing was asked.
    pub fn given_share(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a share to some digits")]
        let share = |given: u128, asked: u128| given as f64 / asked as f64;
        (self.asked > 0).then(|| share(self.given, self.asked))
    }
}

/// Asked and given of each day of an office, all rounds together.
#[derive(Clone, Debug, Default)]
pub struct Draws(BTreeMap<(String, NaiveDate), (u128, u128)>);

impl Draws {
    /// By day of office.
    pub fn of(draws: &[DrawFigures]) -> Self {
        let mut days = BTreeMap::<_, (u128, u128)>::new();
        for draw in draws {
            let day = days.entry((draw.office.clone(), draw.day)).or_default();
            day.0 += draw.asked;
            day.1 += draw.given;
        }
        Self(days)
    }
}

/// The coverage of one period under one set of labels.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// The counts, as rates have them.
    pub cell: Cell,
    /// What the rules asked.
    pub asked: Asked,
    /// How far the days were shrunk.
    pub shrinking: Shrinking,
}

/// Coverage, by period and labels: the cells of [`super::failure_rates`].
///
/// # Errors
/// Those of [`super::failure_rates`].
pub fn coverage(store: &Store, caller: &Caller, ask: &Ask) -> Result<Vec<Coverage>> {
    store.snapshot(|conn| {
        let cells = of(conn, caller, ask)?;
        let mut all = asked(conn, caller, ask)?;
        let offices = narrowed(caller, ask, &offices(conn, caller, ask)?);
        let draws = store::rates::draw_figures(conn, ask.days, offices.as_deref())?;
        let draws = Draws::of(&draws);
        let joined = |cell: Cell| {
            let asked = all.remove(&(cell.period, cell.labels.clone())).unwrap_or_default();
            let shrinking = Shrinking::of(&asked.days, &draws);
            Coverage { cell, asked, shrinking }
        };
        Ok(cells.into_iter().map(joined).collect())
    })
}

/// What frames say, by cell.
pub(in crate::flow) type AskedByCell = BTreeMap<(Period, Vec<Label>), Asked>;

/// What the rules asked, by cell.
pub(in crate::flow) fn asked(conn: &mut Conn, caller: &Caller, ask: &Ask) -> Result<AskedByCell> {
    let Scene { known, narrowed, .. } = Scene::of(conn, caller, ask)?;
    let filter = ask.filter(narrowed);
    let mut cells = AskedByCell::new();
    let detail = detail(ask);
    let pages = if detail == Detail::Goods { ask.pages(&filter) } else { vec![ask.days] };
    for days in pages {
        let page = Filter { days, ..filter.clone() };
        for sums in store::rates::frame_sums(conn, &page, detail)? {
            let place = sums.place;
            let asked = Asked {
                rows: sums.rows,
                proportion_ppm: sums.proportion_ppm,
                pi: sums.pi,
                at_floor: sums.at_floor,
                reasons: Reasons::default(),
                days: BTreeSet::from([(place.office.clone(), place.day)]),
            };
            add(&mut cells, ask, &known, &place, &asked);
        }
        for rows in store::rates::not_inspected(conn, &page)? {
            let mut asked = Asked::default();
            asked.reasons.add(rows.reason, rows.rows);
            add(&mut cells, ask, &known, &rows.place, &asked);
        }
    }
    Ok(cells)
}

fn add(
    cells: &mut AskedByCell,
    ask: &Ask,
    known: &Known,
    place: &store::rates::Place,
    asked: &Asked,
) {
    if !is_asked(ask, known, place) {
        return;
    }
    for labels in labels(ask, known, place) {
        *cells.entry((ask.period.of(place.day), labels)).or_default() += asked;
    }
}

/// How finely the rows must be told apart for the labels and for what the database cannot filter.
fn detail(ask: &Ask) -> Detail {
    let any = |splits: &[Split]| splits.iter().any(|split| ask.split_by.contains(split));
    let goods =
        [Split::Campaign, Split::Chapter, Split::Heading, Split::Subheading, Split::Exporter];
    if any(&goods) || !ask.campaigns.is_empty() {
        Detail::Goods
    } else if any(&[Split::Country, Split::Grouping]) || !ask.groupings.is_empty() {
        Detail::Country
    } else {
        Detail::Region
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "a share to some digits")]
fn float(count: u64) -> f64 {
    count as f64
}

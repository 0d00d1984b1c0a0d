//! Places joined to cells, and the rate of each.

use super::ask::{Ask, Split};
use super::parts::{Counts, Part, Parts};
use super::responses::{ClassKey, Responses};
use crate::domain::period::{Period, PeriodKind};
use crate::domain::problem::{Code, Problem};
use crate::domain::reference::grouping::{self, Grouping};
use crate::error::{Error, Result};
use crate::statistics::{Confidence, Rate, Sums, rate};
use crate::store::rates::Place;
use std::collections::BTreeMap;

/// Most cells of an answer.
pub const MOST_CELLS: usize = 10_000;

/// What a cell is called under one split: the code; `None` for the selection of what is in no frame
/// yet.
pub type Label = Option<String>;

/// The failure rate of a period, under the labels of the splits.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The period.
    pub period: Period,
    /// One label a split, in the order asked.
    pub labels: Vec<Label>,
    /// Declarations and items.
    pub counts: Counts,
    /// The sums, response factors applied.
    pub sums: Sums,
    /// Whether results are missing still that a response factor of the cell depends on.
    pub provisional: bool,
    /// The rate.
    pub rate: Rate,
}

impl Cell {
    /// Declarations not cancelled before their frame closed, in a frame or still waiting for one.
    pub fn declared(&self) -> u64 {
        self.sums.rows + self.counts.waiting
    }
}

type Key = (Period, Vec<Label>);

/// The parts of a cell by response class, since each class has a factor of its own.
type ByClass = BTreeMap<ClassKey, Part>;

/// Cells as they grow, some days at a time.
#[derive(Debug, Default)]
pub struct Cells(BTreeMap<Key, ByClass>);

impl Cells {
    /// Joins parts to cells, by period and labels, bytewise. Parts of later days come later: places
    /// are ordered by day, so pages of days add up in the same order as all days at once.
    ///
    /// # Errors
    /// An invalid parameter for more than [`MOST_CELLS`] cells.
    pub fn add(&mut self, ask: &Ask, parts: &Parts) -> Result<(), Problem> {
        for (place, part) in parts.iter().filter(|(place, _)| is_asked(ask, place)) {
            let month = PeriodKind::Month.of(place.day).first();
            let class = (month, place.office.clone(), place.region.clone());
            for labels in labels(ask, place) {
                let cell = self.0.entry((ask.period.of(place.day), labels)).or_default();
                *cell.entry(class.clone()).or_default() += *part;
            }
            if self.0.len() > MOST_CELLS {
                return Err(too_many());
            }
        }
        Ok(())
    }

    /// The cells with their rates; a cell without a declaration is left out.
    ///
    /// # Errors
    /// Inspected rows of a class that has no inspections.
    pub fn finish(self, ask: &Ask, responses: &Responses) -> Result<Vec<Cell>> {
        self.0.into_iter().map(|(key, classes)| cell(ask, key, &classes, responses)).collect()
    }
}

/// The cells of parts that are all at hand; see [`Cells`].
///
/// # Errors
/// Those of [`Cells::add`] and [`Cells::finish`].
pub fn assemble(ask: &Ask, parts: &Parts, responses: &Responses) -> Result<Vec<Cell>> {
    let mut cells = Cells::default();
    cells.add(ask, parts)?;
    cells.finish(ask, responses)
}

fn too_many() -> Problem {
    let words = format!(
        "the answer would have more than {MOST_CELLS} cells: ask for longer periods, fewer days, \
         fewer splits, or filter"
    );
    Problem::new(Code::InvalidParameter, words)
}

fn cell(
    ask: &Ask,
    (period, labels): Key,
    classes: &ByClass,
    responses: &Responses,
) -> Result<Cell> {
    let (mut counts, mut sums, mut provisional) = (Counts::default(), Sums::default(), false);
    for (key, part) in classes {
        let class = responses.class(key);
        counts += part.counts;
        sums += weighted(&part.sums, class.factor)?;
        provisional |= class.open;
    }
    let rate = rate(&sums, ask.target, Confidence::NINETY_FIVE);
    Ok(Cell { period, labels, counts, sums, provisional, rate })
}

/// The sums with the factor of their class. Where there is none nothing was inspected, and the
/// frames are counted as they are.
fn weighted(sums: &Sums, factor: Option<f64>) -> Result<Sums> {
    match factor {
        Some(factor) => Ok(sums.with_factor(factor)),
        None if sums.n == 0 => Ok(*sums),
        None => Err(Error::inner("inspected rows of a class without inspections")),
    }
}

/// Whether a place lies in one of the groupings asked for; everything else is filtered already.
fn is_asked(ask: &Ask, place: &Place) -> bool {
    ask.groupings.is_empty() || ask.groupings.iter().any(|grouping| holds(grouping, place))
}

fn holds(grouping: &Grouping, place: &Place) -> bool {
    grouping.contains(&place.country, place.day)
}

/// The labels of a place: one list of labels, but for groupings, which overlap.
fn labels(ask: &Ask, place: &Place) -> Vec<Vec<Label>> {
    ask.split_by.iter().fold(vec![Vec::new()], |lists, &split| {
        let values = values(ask, place, split);
        let longer = |list: &Vec<Label>, value: &Label| {
            list.iter().chain([value]).cloned().collect::<Vec<_>>()
        };
        lists.iter().flat_map(|list| values.iter().map(move |value| longer(list, value))).collect()
    })
}

fn values(ask: &Ask, place: &Place, split: Split) -> Vec<Label> {
    let digits = |count| place.commodity.get(..count).unwrap_or(&place.commodity);
    let value = match split {
        Split::Region => &place.region,
        Split::Country => &place.country,
        Split::Office => &place.office,
        Split::Chapter => digits(2),
        Split::Heading => digits(4),
        Split::Subheading => digits(6),
        Split::Selection => {
            return vec![place.selection.map(|selection| selection.as_str().to_owned())];
        }
        Split::Grouping => return groupings(ask, place),
    };
    vec![Some(value.to_owned())]
}

/// The groupings that a place lies in; of those asked for, if any are.
fn groupings(ask: &Ask, place: &Place) -> Vec<Label> {
    let asked: Vec<&Grouping> = match ask.groupings.as_slice() {
        [] => grouping::all().iter().collect(),
        asked => asked.to_vec(),
    };
    let codes = asked.into_iter().filter(|grouping| holds(grouping, place));
    codes.map(|grouping| Some(grouping.code.to_owned())).collect()
}

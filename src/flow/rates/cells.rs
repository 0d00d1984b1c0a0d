//! Places joined to cells, and the rate of each.

use super::ask::Ask;
use super::labels::{Known, is_asked, labels, named};
use super::parts::{Counts, Part, Parts};
use super::responses::{ClassKey, Responses};
use crate::domain::period::{Period, PeriodKind};
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::statistics::{Confidence, Rate, Sums, rate};
use crate::store::rates::Place;
use std::collections::{BTreeMap, BTreeSet};

/// Most cells of an answer.
pub const MOST_CELLS: usize = 10_000;

/// What a cell is called under one split: the code; `None` for the selection of what is in no frame
/// yet, and for the province of an office that has none.
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
    /// Whether the figures may still move: results are missing that a response factor of the cell
    /// depends on, or declarations wait for their frame.
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

/// The parts of a cell by response class, since each class has a factor of its own.
type ByClass = BTreeMap<ClassKey, Part>;

/// Cells as they grow.
#[derive(Debug)]
pub struct Cells<'a> {
    ask: &'a Ask,
    known: &'a Known,
    periods: Vec<Period>,
    /// How many periods stand beside, in the other range of a comparison.
    beside: usize,
    labels: BTreeSet<Vec<Label>>,
    cells: BTreeMap<(Period, Vec<Label>), ByClass>,
}

impl<'a> Cells<'a> {
    /// The cells that are there without any declaration: those that the filters name.
    ///
    /// # Errors
    /// An impossible question for more than [`MOST_CELLS`] cells.
    pub fn new(ask: &'a Ask, known: &'a Known) -> Result<Self, Problem> {
        let periods = Period::covering(ask.period, ask.days).take(MOST_CELLS + 1).collect();
        let labels = named(ask);
        let new = Self { ask, known, periods, beside: 0, labels, cells: BTreeMap::new() };
        new.few_enough()?;
        Ok(new)
    }

    /// Joins parts to cells, by period and labels. The sums are exact, so parts may come in any order.
    ///
    /// # Errors
    /// An impossible question for more than [`MOST_CELLS`] cells.
    pub fn add(&mut self, parts: &Parts) -> Result<(), Problem> {
        parts.iter().try_for_each(|(place, part)| self.add_part(place, part))
    }

    /// Joins one part to its cells, if it is asked for.
    ///
    /// # Errors
    /// An impossible question for more than [`MOST_CELLS`] cells.
    pub fn add_part(&mut self, place: &Place, part: &Part) -> Result<(), Problem> {
        let (ask, known) = (self.ask, self.known);
        if !is_asked(ask, known, place) {
            return Ok(());
        }
        let month = PeriodKind::Month.of(place.day).first();
        let class = (month, place.office.clone(), place.region.clone());
        for labels in labels(ask, known, place) {
            if !self.labels.contains(&labels) {
                self.labels.insert(labels.clone());
                self.few_enough()?;
            }
            let cell = self.cells.entry((ask.period.of(place.day), labels)).or_default();
            *cell.entry(class.clone()).or_default() += *part;
        }
        Ok(())
    }

    /// Makes cells and those that they are compared with one answer: their periods count together, and
    /// both have the labels that any has.
    ///
    /// # Errors
    /// An impossible question for more than [`MOST_CELLS`] cells.
    pub fn stand_beside(&mut self, before: &mut Self) -> Result<(), Problem> {
        (self.beside, before.beside) = (before.periods.len(), self.periods.len());
        self.labels.append(&mut before.labels);
        before.labels.clone_from(&self.labels);
        self.few_enough()
    }

    fn few_enough(&self) -> Result<(), Problem> {
        let periods = self.periods.len().saturating_add(self.beside);
        let cells = periods.saturating_mul(self.labels.len().max(1));
        if cells <= MOST_CELLS { Ok(()) } else { Err(too_many()) }
    }

    /// The cells with their rates, by period and labels: of every period those whose labels any has, so
    /// that nothing goes missing silently.
    ///
    /// # Errors
    /// Inspected rows of a class that has no inspections.
    pub fn finish(self, responses: &Responses) -> Result<Vec<Cell>> {
        let nothing = ByClass::new();
        let mut cells = Vec::new();
        for &period in &self.periods {
            for labels in &self.labels {
                let key = (period, labels.clone());
                match self.cells.get(&key) {
                    Some(classes) => cells.push(cell(self.ask, key, classes, responses)?),
                    // What is in no frame is a cell only where there is some.
                    None if self.ask.is_of_no_frame(labels) => {}
                    None => cells.push(cell(self.ask, key, &nothing, responses)?),
                }
            }
        }
        Ok(cells)
    }
}

/// The cells of parts that are all at hand, where no campaign and no province is asked for; see
/// [`Cells`].
///
/// # Errors
/// Those of [`Cells::add`] and [`Cells::finish`].
pub fn assemble(ask: &Ask, parts: &Parts, responses: &Responses) -> Result<Vec<Cell>> {
    let known = Known::default();
    let mut cells = Cells::new(ask, &known)?;
    cells.add(parts)?;
    cells.finish(responses)
}

fn too_many() -> Problem {
    let words = format!(
        "from, to, period, split_by: the answer would have more than {MOST_CELLS} cells; ask for \
         longer periods, fewer splits, or filter"
    );
    Problem::new(Code::QuestionImpossible, words)
}

fn cell(
    ask: &Ask,
    (period, labels): (Period, Vec<Label>),
    classes: &ByClass,
    responses: &Responses,
) -> Result<Cell> {
    let (mut counts, mut sums, mut provisional) = (Counts::default(), Sums::default(), false);
    for (key, part) in classes {
        let class = responses.class(key);
        counts += part.counts;
        sums += weighted(&part.tally.sums(), class.factor)?;
        // Of what nothing was drawn no result is missing, whatever its class waits for.
        // What waits for its frame will be counted with what is drawn from it.
        provisional |= (class.open && part.counts.drawn > 0) || part.counts.waiting > 0;
    }
    let rate = rate(&sums, ask.target, Confidence::NINETY_FIVE);
    Ok(Cell { period, labels, counts, sums, provisional, rate })
}

/// The sums with the factor of their class. Where there is none nothing was inspected, and the
/// frames are counted as they are.
pub(super) fn weighted(sums: &Sums, factor: Option<f64>) -> Result<Sums> {
    match factor {
        Some(factor) => Ok(sums.with_factor(factor)),
        None if sums.n == 0 => Ok(*sums),
        None => Err(Error::inner("inspected rows of a class without inspections")),
    }
}

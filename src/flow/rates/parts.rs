//! Rows added up by place: the smallest sums that cells are made of, at response factor 1.

use crate::domain::draw::Selection;
use crate::domain::inspection::ItemState;
use crate::error::{Error, Result};
use crate::statistics::Tally;
use crate::statistics::tally::ChanceError;
use crate::store::rates::{DrawnRow, FrameRows, Place, WaitingRows};
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// What is counted beside the sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Declarations in no frame yet, not cancelled before theirs closed.
    pub waiting: u64,
    /// Declarations drawn.
    pub drawn: u64,
    /// Of them, without a result yet.
    pub open: u64,
    /// Of them, found impossible to inspect.
    pub not_inspected: u64,
    /// Of them, those drawn by order.
    pub directive: Ordered,
}

/// What was drawn by order: it weighs 1 and is part of every rate, and is counted apart as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ordered {
    /// Declarations drawn.
    pub drawn: u64,
    /// Of them, inspected.
    pub inspected: u64,
    /// Of these, failed.
    pub failed: u64,
}

impl AddAssign for Ordered {
    fn add_assign(&mut self, other: Self) {
        self.drawn += other.drawn;
        self.inspected += other.inspected;
        self.failed += other.failed;
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.waiting += other.waiting;
        self.drawn += other.drawn;
        self.open += other.open;
        self.not_inspected += other.not_inspected;
        self.directive += other.directive;
    }
}

/// What one place holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The counts.
    pub counts: Counts,
    /// The exact sums of its inspected rows and of its frames, at response factor 1.
    pub tally: Tally,
}

impl AddAssign for Part {
    fn add_assign(&mut self, other: Self) {
        self.counts += other.counts;
        self.tally += other.tally;
    }
}

impl Part {
    /// Rows of a frame.
    ///
    /// # Errors
    /// An impossible inclusion probability.
    pub fn of_frame(pi: u64, rows: u64) -> Result<Self> {
        let mut part = Self::default();
        part.tally.add_frame(pi, rows).map_err(corrupt)?;
        Ok(part)
    }

    /// One drawn declaration.
    ///
    /// # Errors
    /// An impossible inclusion probability.
    pub fn of_item(pi: u64, selection: Option<Selection>, state: ItemState) -> Result<Self> {
        let mut part = Self::default();
        part.counts.drawn = 1;
        match state {
            ItemState::Open => part.counts.open = 1,
            ItemState::NotInspected => part.counts.not_inspected = 1,
            ItemState::Passed => part.tally.add_inspected(pi, false).map_err(corrupt)?,
            ItemState::Failed => part.tally.add_inspected(pi, true).map_err(corrupt)?,
        }
        part.tell_ordered(selection);
        Ok(part)
    }

    /// Counts what was drawn apart where it was drawn by order.
    pub fn tell_ordered(&mut self, selection: Option<Selection>) {
        if selection == Some(Selection::Directive) {
            let (inspected, failed) = (self.tally.n, self.tally.failed);
            self.counts.directive = Ordered { drawn: self.counts.drawn, inspected, failed };
        }
    }
}

/// All places in their order: by day, office, region and what is finer, texts bytewise.
pub type Parts = BTreeMap<Place, Part>;

/// The rows that parts are made of, in any order.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Rows of the frames.
    pub frames: Vec<FrameRows>,
    /// Declarations in no frame yet.
    pub waiting: Vec<WaitingRows>,
    /// Drawn declarations.
    pub drawn: Vec<DrawnRow>,
}

/// Adds rows up by place. The sums are exact, so the order of the rows does not matter.
///
/// # Errors
/// A stored row with an impossible inclusion probability.
pub fn add(rows: Rows) -> Result<Parts> {
    let Rows { frames, waiting, drawn } = rows;
    let mut parts = Parts::new();
    for rows in frames {
        *parts.entry(rows.place).or_default() += Part::of_frame(rows.pi, rows.rows)?;
    }
    for rows in waiting {
        parts.entry(rows.place).or_default().counts.waiting += rows.rows;
    }
    for row in drawn {
        let part = Part::of_item(row.pi, row.place.selection, row.state)?;
        *parts.entry(row.place).or_default() += part;
    }
    Ok(parts)
}

fn corrupt(cause: ChanceError) -> Error {
    Error::Inner(cause.into())
}

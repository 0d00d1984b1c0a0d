//! Rows added up by place: the smallest sums that cells are made of, at response factor 1.

use crate::domain::draw::Selection;
use crate::domain::inspection::ItemState;
use crate::error::{Error, Result};
use crate::statistics::Sums;
use crate::statistics::sums::ChanceError;
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

impl Ordered {
    fn add(&mut self, state: ItemState) {
        self.drawn += 1;
        self.inspected += u64::from(matches!(state, ItemState::Passed | ItemState::Failed));
        self.failed += u64::from(state == ItemState::Failed);
    }
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
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Part {
    /// The counts.
    pub counts: Counts,
    /// The sums of its inspected rows and of its frames, at response factor 1.
    pub sums: Sums,
}

impl AddAssign for Part {
    fn add_assign(&mut self, other: Self) {
        self.counts += other.counts;
        self.sums += other.sums;
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

/// Adds rows up by place; chance and order share a place unless selections are told apart. The order
/// of the rows does not matter: inside a place frames are added by inclusion probability and
/// inspected rows by draw and position.
///
/// # Errors
/// A stored row with an impossible inclusion probability.
pub fn add(rows: Rows, tell_selections: bool) -> Result<Parts> {
    let Rows { mut frames, waiting, mut drawn } = rows;
    let told = |place: Place| match tell_selections {
        true => place,
        false => Place { selection: None, ..place },
    };
    let mut parts = Parts::new();
    frames.sort_unstable_by_key(|rows| rows.pi);
    for rows in frames {
        let part = parts.entry(told(rows.place)).or_default();
        part.sums.add_frame(rows.pi, rows.rows).map_err(corrupt)?;
    }
    for rows in waiting {
        parts.entry(told(rows.place)).or_default().counts.waiting += rows.rows;
    }
    drawn.sort_unstable_by(|a, b| a.item.cmp(&b.item));
    for row in drawn {
        let ordered = row.place.selection == Some(Selection::Directive);
        let part = parts.entry(told(row.place)).or_default();
        part.counts.drawn += 1;
        if ordered {
            part.counts.directive.add(row.state);
        }
        match row.state {
            ItemState::Open => part.counts.open += 1,
            ItemState::NotInspected => part.counts.not_inspected += 1,
            ItemState::Passed => part.sums.add_inspected(row.pi, false).map_err(corrupt)?,
            ItemState::Failed => part.sums.add_inspected(row.pi, true).map_err(corrupt)?,
        }
    }
    Ok(parts)
}

fn corrupt(cause: ChanceError) -> Error {
    Error::Inner(cause.into())
}

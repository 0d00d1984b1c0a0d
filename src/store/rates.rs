//! What rates are made of: the rows of the frames, what is drawn of them, what no frame has yet.
//!
//! Everything is counted by inspection day, office and region, and more finely only where asked.
//! No float is added here: the order of a sum is decided in one place, by the one who adds.

use crate::domain::draw::Selection;
use crate::domain::inspection::ItemState;
use chrono::{DateTime, NaiveDate, Utc};

mod query;

pub use query::{cancelled, drawn, frames, per_day, responses, waiting};

/// Which declarations are counted; empty lists, but for the offices, do not restrict.
#[derive(Clone, Debug)]
pub struct Filter {
    /// First and last inspection day.
    pub days: (NaiveDate, NaiveDate),
    /// Offices, all of them named.
    pub offices: Vec<String>,
    /// Reporting regions.
    pub regions: Vec<String>,
    /// Countries, alpha-2.
    pub countries: Vec<String>,
    /// Commodity prefixes, digits alone.
    pub commodities: Vec<String>,
    /// By chance or by order; restricts to declarations in frames, for of others nobody knows yet.
    pub selections: Vec<Selection>,
}

impl Filter {
    /// The one selection asked for; `None` for either.
    fn only(&self) -> Option<Selection> {
        let (first, rest) = self.selections.split_first()?;
        rest.iter().all(|other| other == first).then_some(*first)
    }
}

/// What is told apart beyond day, office and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Nothing: the answer is small.
    Coarse,
    /// Countries and commodities: about as many rows as there are declarations.
    Fine,
}

/// Where rows belong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The inspection day.
    pub day: NaiveDate,
    /// The office.
    pub office: String,
    /// The reporting region.
    pub region: String,
    /// The country, alpha-2; empty in coarse detail.
    pub country: String,
    /// The commodity; empty in coarse detail.
    pub commodity: String,
    /// By chance or by order; `None` in no frame yet.
    pub selection: Option<Selection>,
}

/// Rows of frames that share a place and an inclusion probability.
#[derive(Clone, Debug)]
pub struct FrameRows {
    /// Where they belong.
    pub place: Place,
    /// Their inclusion probability, in units of 2⁻³².
    pub pi: u64,
    /// How many they are.
    pub rows: u64,
}

/// Declarations that are neither cancelled nor in a frame.
#[derive(Clone, Debug)]
pub struct WaitingRows {
    /// Where they belong.
    pub place: Place,
    /// How many they are.
    pub rows: u64,
}

/// Live declarations that were cancelled at one instant and are in no frame.
#[derive(Clone, Debug)]
pub struct CancelledRows {
    /// What they are.
    pub rows: WaitingRows,
    /// When they were cancelled.
    pub at: DateTime<Utc>,
}

/// One drawn declaration.
#[derive(Clone, Debug)]
pub struct DrawnRow {
    /// Where it belongs.
    pub place: Place,
    /// Its draw and its position in it.
    pub item: (String, u32),
    /// Its inclusion probability, in units of 2⁻³².
    pub pi: u64,
    /// Its result.
    pub state: ItemState,
}

/// Drawn declarations of one office, day and region in one state.
#[derive(Clone, Debug)]
pub struct ResponseRows {
    /// The inspection day.
    pub day: NaiveDate,
    /// The office.
    pub office: String,
    /// The reporting region.
    pub region: String,
    /// Their state.
    pub state: ItemState,
    /// How many they are.
    pub rows: u64,
}

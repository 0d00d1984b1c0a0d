//! What rates are made of: the rows of the frames, what is drawn of them, what no frame has yet.
//!
//! Rows are handed over one by one, in no order; whoever adds them up does so exactly. What is asked
//! for often is kept added up in [`sums`](super::sums).

use crate::domain::draw::Selection;
use crate::domain::inspection::ItemState;
use chrono::{DateTime, NaiveDate, Utc};

mod coverage;
mod defects;
mod query;

pub use coverage::{
    Detail, DrawFigures, FrameSums, NotInspectedRows, draw_figures, frame_sums, not_inspected,
};
pub use defects::{DefectRow, defects};
pub use query::{cancelled, drawn, frames, inspected, waiting};

/// Which declarations are counted; empty lists and `None` do not restrict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// First and last inspection day.
    pub days: (NaiveDate, NaiveDate),
    /// Offices; none at all where the list is empty.
    pub offices: Option<Vec<String>>,
    /// Reporting regions.
    pub regions: Vec<String>,
    /// Countries, alpha-2.
    pub countries: Vec<String>,
    /// Commodity prefixes, digits alone.
    pub commodities: Vec<String>,
    /// Exporters.
    pub exporters: Vec<String>,
    /// By chance or by order; restricts to declarations in frames, for of others nobody knows yet.
    pub selections: Vec<Selection>,
}

impl Filter {
    /// Everything of some days.
    pub fn of_days(days: (NaiveDate, NaiveDate)) -> Self {
        Self {
            days,
            offices: None,
            regions: Vec::new(),
            countries: Vec::new(),
            commodities: Vec::new(),
            exporters: Vec::new(),
            selections: Vec::new(),
        }
    }

    /// The one selection asked for; `None` for either.
    pub(super) fn only(&self) -> Option<Selection> {
        let (first, rest) = self.selections.split_first()?;
        rest.iter().all(|other| other == first).then_some(*first)
    }
}

/// Where rows belong; texts are empty where they are not told apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The inspection day; the first one of the month where days are not told apart.
    pub day: NaiveDate,
    /// The office.
    pub office: String,
    /// The reporting region.
    pub region: String,
    /// The country, alpha-2.
    pub country: String,
    /// The commodity, or its chapter.
    pub commodity: String,
    /// The exporter.
    pub exporter: String,
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
    /// Its inclusion probability, in units of 2⁻³².
    pub pi: u64,
    /// Its result.
    pub state: ItemState,
}

/// One inspected declaration, with who inspected it.
#[derive(Clone, Debug)]
pub struct InspectedRow {
    /// Where it belongs.
    pub place: Place,
    /// Who inspected it, of the roster of the place's office; none where the office has no roster.
    pub inspector: Option<String>,
    /// Its inclusion probability, in units of 2⁻³².
    pub pi: u64,
    /// Whether it failed.
    pub failed: bool,
    /// Its risk as of the draw, in units of 10⁻⁹; none where no risk model was active.
    pub score_ppb: Option<u32>,
}

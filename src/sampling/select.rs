//! Who is drawn: randomised systematic sampling with unequal probabilities.
//!
//! Lay the declarations end to end on a line, each as long as its chance; strata in an order that
//! the seed decides, declarations inside a stratum in the order of their tickets. From one random
//! start take a step of one unit, again and again. Every declaration is hit with exactly its π
//! whatever the order; the number drawn is Σπ rounded down or up, overall and in every stratum.
//!
//! Source: Hartley, H. O. & Rao, J. N. K. (1962), Sampling with unequal probabilities and without
//! replacement, Annals of Mathematical Statistics 33, 350–374.

use std::collections::HashMap;

use super::{allocate::CERTAIN, ticket::Tickets};

/// One row of the frame, as far as the selection depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Declaration number, once in a frame.
    pub number: &'a str,
    /// Stratum, `region/chapter`.
    pub stratum: &'a str,
    /// Inclusion probability in units of 2⁻³²: 1…2³².
    pub pi: u64,
}

/// What the selection asks of a row; a frame's own rows answer it too, so that none is copied.
pub trait OnLine {
    /// Declaration number, once in a frame.
    fn number(&self) -> &str;
    /// Stratum, `region/chapter`.
    fn stratum(&self) -> &str;
    /// Inclusion probability in units of 2⁻³²: 1…2³².
    fn pi(&self) -> u64;
}

impl OnLine for Row<'_> {
    fn number(&self) -> &str {
        self.number
    }

    fn stratum(&self) -> &str {
        self.stratum
    }

    fn pi(&self) -> u64 {
        self.pi
    }
}

/// Who is drawn. Rows are named by their index in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Random start in units of 2⁻³².
    pub start: u32,
    /// Every row, in the order of the line; certain rows keep their place but take no length.
    pub line: Vec<u32>,
    /// The rows with π = 1, in the order of the line.
    pub certain: Vec<u32>,
    /// The rows hit, in the order of the line.
    pub drawn: Vec<Hit>,
}

impl Selection {
    /// Certain and drawn rows together.
    pub fn len(&self) -> usize {
        self.certain.len() + self.drawn.len()
    }

    /// Whether nobody is drawn.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A row that a step of the line hit: `cumulated_from ≤ hit · 2³² + start < cumulated_to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Index of the row in the input.
    pub row: u32,
    /// Where the row begins on the line: Σq of the chance rows before it.
    pub cumulated_from: u64,
    /// Where it ends.
    pub cumulated_to: u64,
    /// Which step hit it, from 0.
    pub hit: u64,
}

/// Why nothing can be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// A chance of nothing, or above certainty.
    #[error("{number}: pi is {pi}, it must lie within 1…4294967296")]
    Pi {
        /// Declaration number.
        number: String,
        /// What was given.
        pi: u64,
    },
    /// 2³² rows or more.
    #[error("{0} rows, a frame holds fewer than 2^32")]
    TooManyRows(usize),
}

/// Draws from `rows`, given in any order.
///
/// The line is sorted by (stratum key, stratum, ticket, number), text compared as bytes. Cost: one
/// HMAC a row and one sort; the answer depends on the seed and the rows alone.
///
/// # Errors
/// A chance outside 1…2³², or 2³² rows and more.
pub fn select(tickets: &Tickets, rows: &[impl OnLine]) -> Result<Selection, SelectError> {
    check(rows)?;
    let places = line(tickets, rows);
    let line = places.iter().map(|place| place.row).collect();
    let certain = places.iter().filter(|place| place.length == 0).map(|place| place.row).collect();
    let chance = places.iter().filter(|place| place.length > 0);
    let start = tickets.start();
    let drawn = steps(start, chance.map(|place| (place.row, u64::from(place.length))));
    Ok(Selection { start, line, certain, drawn })
}

fn check(rows: &[impl OnLine]) -> Result<(), SelectError> {
    if u32::try_from(rows.len()).is_err() {
        return Err(SelectError::TooManyRows(rows.len()));
    }
    match rows.iter().find(|row| !(1..=CERTAIN).contains(&row.pi())) {
        Some(row) => Err(SelectError::Pi { number: row.number().to_owned(), pi: row.pi() }),
        None => Ok(()),
    }
}

/// Walks the line from `start` in steps of 2³² and answers with the rows that are hit.
///
/// `line` names each row and its chance, 1…2³² − 1, in the order of the line; fewer than 2³² rows,
/// so that the length of the line stays below 2⁶⁴. The step that may hit a row beginning at Q is
/// `m = (Q + 2³² − 1 − start) div 2³²`; it does when `m · 2³² + start < Q + q`.
pub fn steps(start: u32, line: impl IntoIterator<Item = (u32, u64)>) -> Vec<Hit> {
    let start = u64::from(start);
    let mut from = 0_u64;
    let mut hits = Vec::new();
    for (row, pi) in line {
        let to = from.saturating_add(pi);
        // `from` first: 2³² − 1 − start cannot go below 0, and the sum could leave 64 bits only
        // beyond the longest line.
        let hit = from.saturating_add(CERTAIN - 1 - start) / CERTAIN;
        if hit * CERTAIN + start < to {
            hits.push(Hit { row, cumulated_from: from, cumulated_to: to, hit });
        }
        from = to;
    }
    hits
}

/// The place of a row: its sort key, and its length, so that nothing has to be looked up along the
/// line. Numbers are compared only where tickets are equal.
struct Place {
    ticket: u64,
    stratum: u32,
    row: u32,
    /// π, or 0 where it is certain: certain rows take no length.
    length: u32,
}

/// The places in the order of the line.
fn line(tickets: &Tickets, rows: &[impl OnLine]) -> Vec<Place> {
    let mut strata = Strata::default();
    let places = (0..).zip(rows).map(|(row, r)| Place {
        ticket: tickets.ticket(r.number()),
        stratum: strata.id(r.stratum()),
        row,
        length: u32::try_from(r.pi()).unwrap_or(0),
    });
    let mut places: Vec<Place> = places.collect();
    let ranks = strata.ranks(tickets);
    for place in &mut places {
        let rank = usize::try_from(place.stratum).ok().and_then(|id| ranks.get(id));
        place.stratum = rank.copied().unwrap_or(0);
    }
    places.sort_unstable_by(|a, b| {
        let by_key = (a.stratum, a.ticket).cmp(&(b.stratum, b.ticket));
        by_key.then_with(|| at(rows, a.row).number().cmp(at(rows, b.row).number()))
    });
    places
}

/// The strata of a frame: keys are computed once a stratum, and rows compare small numbers.
#[derive(Default)]
struct Strata<'r> {
    ids: HashMap<&'r str, u32>,
}

impl<'r> Strata<'r> {
    /// The id of a stratum, in the order of appearance.
    fn id(&mut self, stratum: &'r str) -> u32 {
        let next = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        *self.ids.entry(stratum).or_insert(next)
    }

    /// For each id its rank on the line: by key, then by name.
    fn ranks(self, tickets: &Tickets) -> Vec<u32> {
        let ids = self.ids.into_iter();
        // The map's own order is arbitrary; it is sorted away here.
        let mut on_line: Vec<_> =
            ids.map(|(name, id)| (tickets.stratum_key(name), name, id)).collect();
        on_line.sort_unstable();
        let mut ranks: Vec<(u32, u32)> = on_line.iter().map(|&(_, _, id)| id).zip(0..).collect();
        ranks.sort_unstable();
        ranks.into_iter().map(|(_, rank)| rank).collect()
    }
}

#[expect(clippy::indexing_slicing, reason = "rows are named by indices made from this very slice")]
fn at<R>(rows: &[R], index: u32) -> &R {
    &rows[index as usize]
}

//! The ten additive sums of a cell: all that is ever needed for any rate.
//!
//! A cell is any set of declarations (an office's month, a region's year). The sums of a union
//! of disjoint cells are the sums of their sums, so a rate by year needs no row again.

use super::float;
use std::ops::{Add, AddAssign};

/// The inclusion probability 1 as an integer, 2³².
pub const CERTAINTY: u64 = 1 << 32;

/// The sums of a cell, over inspected rows with weight w = 2³²/q and y = 1 for a failure; the
/// last two over all rows of the cell's frames, drawn or not. Horvitz & Thompson 1952 for the
/// weights, method section "From results to rates" for the choice of the ten.
///
/// ```
/// use breeze::statistics::{CERTAINTY, Sums};
/// let mut cell = Sums::default();
/// cell.add_frame(CERTAINTY / 20, 40)?;
/// cell.add_inspected(CERTAINTY / 20, false)?;
/// cell.add_inspected(CERTAINTY / 20, true)?;
/// assert_eq!((cell.n, cell.failed, cell.rows), (2, 1, 40));
/// assert!((cell.w - 40.0).abs() < 1e-6);
/// # Ok::<(), breeze::statistics::sums::ChanceError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// n: rows inspected.
    pub n: u64,
    /// Rows inspected and failed.
    pub failed: u64,
    /// W = Σw.
    pub w: f64,
    /// WY = Σwy.
    pub wy: f64,
    /// A = Σw(w−1).
    pub a: f64,
    /// A1 = Σw(w−1)y.
    pub ay: f64,
    /// B = Σw².
    pub b: f64,
    /// B1 = Σw²y.
    pub by: f64,
    /// N: rows of the frames.
    pub rows: u64,
    /// u = Σ2³²/q over the rows of the frames.
    pub u: f64,
}

/// An inclusion probability that no row of a frame can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "inclusion probability {0} is outside 1 to 4294967296 (units of 2^-32): recompute the frame"
)]
pub struct ChanceError(pub u64);

impl Sums {
    /// Adds one inspected row that was drawn with probability `q` (units of 2⁻³²), before any
    /// response factor.
    ///
    /// # Errors
    /// [`ChanceError`] unless 1 ≤ `q` ≤ 2³²; the sums are then unchanged.
    pub fn add_inspected(&mut self, q: u64, failed: bool) -> Result<(), ChanceError> {
        let w = weight(q)?;
        // w − 1 from the integers: near certainty the difference of floats would be noise.
        let spread = w * (float(CERTAINTY - q) / float(q));
        self.n += 1;
        self.w += w;
        self.a += spread;
        self.b += w * w;
        if failed {
            self.failed += 1;
            self.wy += w;
            self.ay += spread;
            self.by += w * w;
        }
        Ok(())
    }

    /// Adds `rows` rows of a frame with probability `q` (units of 2⁻³²) each, drawn or not.
    ///
    /// # Errors
    /// [`ChanceError`] unless 1 ≤ `q` ≤ 2³²; the sums are then unchanged.
    pub fn add_frame(&mut self, q: u64, rows: u64) -> Result<(), ChanceError> {
        let w = weight(q)?;
        self.rows += rows;
        self.u += float(rows) * w;
        Ok(())
    }

    /// The sums with every weight multiplied by the response factor `c` ≥ 1, as if each row had
    /// been added with weight c·w. What is counted over the frames stays: nobody misses there.
    #[must_use]
    #[expect(clippy::float_cmp, reason = "exactly 1 must give back the very same bits")]
    pub fn with_factor(self, c: f64) -> Self {
        if c == 1.0 {
            return self;
        }
        let (w, wy, b, by) = (c * self.w, c * self.wy, c * c * self.b, c * c * self.by);
        Self { w, wy, a: b - w, ay: by - wy, b, by, ..self }
    }
}

/// Horvitz–Thompson weight of a row: how many declarations it stands for.
fn weight(q: u64) -> Result<f64, ChanceError> {
    let possible = (1..=CERTAINTY).contains(&q);
    possible.then(|| float(CERTAINTY) / float(q)).ok_or(ChanceError(q))
}

impl Add for Sums {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            n: self.n + other.n,
            failed: self.failed + other.failed,
            w: self.w + other.w,
            wy: self.wy + other.wy,
            a: self.a + other.a,
            ay: self.ay + other.ay,
            b: self.b + other.b,
            by: self.by + other.by,
            rows: self.rows + other.rows,
            u: self.u + other.u,
        }
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Sums {
    fn sum<I: Iterator<Item = Self>>(cells: I) -> Self {
        cells.fold(Self::default(), Add::add)
    }
}

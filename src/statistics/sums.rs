//! The ten additive sums of a cell: all that is ever needed for any rate. A
//! [`Tally`](super::Tally) gathers them from rows, exactly.
//!
//! A cell is any set of declarations (an office's month, a region's year). The sums of a union
//! of disjoint cells are the sums of their sums, so a rate by year needs no row again.

use std::ops::{Add, AddAssign};

/// The sums of a cell, over inspected rows with weight w = 2³²/q and y = 1 for a failure; the
/// last two over all rows of the cell's frames, drawn or not. Horvitz & Thompson 1952 for the
/// weights, method section "From results to rates" for the choice of the ten.
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

impl Sums {
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

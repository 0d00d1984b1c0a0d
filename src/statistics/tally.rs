//! Exact sums: integers, so that the order of rows, the page they came on and the day they were
//! added never move a bit.

use super::sums::Sums;
use std::ops::AddAssign;

/// The inclusion probability 1 as an integer, 2³².
pub const CERTAINTY: u64 = 1 << 32;

/// Bits after the point of a sum of weights.
const WEIGHT_BITS: i32 = 64;
/// Bits after the point of a sum of squared weights; U² · 2⁵⁶ is 2¹²⁰.
const SQUARE_BITS: i32 = 56;

/// What [`Sums`] are made of: the counts, and the sums of weights w = 2³²/q in units of 2⁻⁶⁴
/// (`w`, `wy`, `u`) and of squares in units of 2⁻⁵⁶ (`a`, `ay`, `b`, `by`), each term rounded down
/// once. So a term is known to 2⁻⁵⁶, and tallies of disjoint cells add up exactly, in any order.
///
/// There is room for 2⁶³ rows of weight 1, and for 128 *inspected* rows whose chance was 2⁻³²,
/// the least there is; what is more stays at the limit.
///
/// ```
/// use breeze::statistics::{CERTAINTY, Tally};
/// let mut cell = Tally::default();
/// cell.add_frame(CERTAINTY / 20, 40)?;
/// cell.add_inspected(CERTAINTY / 20, false)?;
/// cell.add_inspected(CERTAINTY / 20, true)?;
/// let sums = cell.sums();
/// assert_eq!((sums.n, sums.failed, sums.rows), (2, 1, 40));
/// assert!((sums.w - 40.0).abs() < 1e-6);
/// # Ok::<(), breeze::statistics::tally::ChanceError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// n: rows inspected.
    pub n: u64,
    /// Rows inspected and failed.
    pub failed: u64,
    /// W = Σw.
    pub w: u128,
    /// WY = Σwy, where y = 1 for a failure.
    pub wy: u128,
    /// A = Σw(w−1).
    pub a: u128,
    /// A1 = Σw(w−1)y.
    pub ay: u128,
    /// B = Σw².
    pub b: u128,
    /// B1 = Σw²y.
    pub by: u128,
    /// N: rows of the frames, drawn or not.
    pub rows: u64,
    /// u = Σw over the rows of the frames.
    pub u: u128,
}

/// An inclusion probability that no row of a frame can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "inclusion probability {0} is outside 1 to 4294967296 (units of 2^-32): recompute the frame"
)]
pub struct ChanceError(pub u64);

impl Tally {
    /// Adds one inspected row that was drawn with probability `q` (units of 2⁻³²), before any
    /// response factor.
    ///
    /// # Errors
    /// [`ChanceError`] unless 1 ≤ `q` ≤ 2³²; the tally is then unchanged.
    pub fn add_inspected(&mut self, q: u64, failed: bool) -> Result<(), ChanceError> {
        let w = weight(q)?;
        let (unit, square) = (u128::from(CERTAINTY), u128::from(q) * u128::from(q));
        let spread = ((unit * u128::from(CERTAINTY - q)) << SQUARE_BITS) / square;
        let b = ((unit * unit) << SQUARE_BITS) / square;
        let y = u128::from(failed);
        *self += Self {
            n: 1,
            failed: u64::from(failed),
            w,
            wy: w * y,
            a: spread,
            ay: spread * y,
            b,
            by: b * y,
            ..Self::default()
        };
        Ok(())
    }

    /// Adds `rows` rows of a frame with probability `q` (units of 2⁻³²) each, drawn or not.
    ///
    /// # Errors
    /// [`ChanceError`] unless 1 ≤ `q` ≤ 2³²; the tally is then unchanged.
    pub fn add_frame(&mut self, q: u64, rows: u64) -> Result<(), ChanceError> {
        let u = weight(q)?.saturating_mul(u128::from(rows));
        *self += Self { rows, u, ..Self::default() };
        Ok(())
    }

    /// The sums as numbers to calculate with, each rounded once.
    #[must_use]
    pub fn sums(&self) -> Sums {
        let weights = |sum| float(sum, WEIGHT_BITS);
        let squares = |sum| float(sum, SQUARE_BITS);
        Sums {
            n: self.n,
            failed: self.failed,
            w: weights(self.w),
            wy: weights(self.wy),
            a: squares(self.a),
            ay: squares(self.ay),
            b: squares(self.b),
            by: squares(self.by),
            rows: self.rows,
            u: weights(self.u),
        }
    }
}

/// Horvitz–Thompson weight of a row: how many declarations it stands for, in units of 2⁻⁶⁴.
fn weight(q: u64) -> Result<u128, ChanceError> {
    let possible = (1..=CERTAINTY).contains(&q);
    possible.then(|| (u128::from(CERTAINTY) << WEIGHT_BITS) / u128::from(q)).ok_or(ChanceError(q))
}

#[expect(clippy::cast_precision_loss, reason = "rounding to the nearest is what is asked for")]
fn float(sum: u128, bits: i32) -> f64 {
    libm::ldexp(sum as f64, -bits)
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.n += other.n;
        self.failed += other.failed;
        self.w = self.w.saturating_add(other.w);
        self.wy = self.wy.saturating_add(other.wy);
        self.a = self.a.saturating_add(other.a);
        self.ay = self.ay.saturating_add(other.ay);
        self.b = self.b.saturating_add(other.b);
        self.by = self.by.saturating_add(other.by);
        self.rows += other.rows;
        self.u = self.u.saturating_add(other.u);
    }
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(cells: I) -> Self {
        cells.fold(Self::default(), |mut sum, cell| {
            sum += cell;
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_least_chance_and_certainty_fit() {
        let mut tally = Tally::default();
        tally.add_inspected(1, true).unwrap();
        tally.add_frame(1, 1 << 20).unwrap();
        let (sums, u) = (tally.sums(), 2_f64.powi(32));
        assert_eq!((sums.w, sums.b, sums.a), (u, u * u, u * (u - 1.0)));
        assert_eq!(sums.u, u * 2_f64.powi(20));
        let mut certain = Tally::default();
        certain.add_inspected(CERTAINTY, false).unwrap();
        assert_eq!((certain.sums().w, certain.sums().a, certain.sums().b), (1.0, 0.0, 1.0));
    }

    proptest! {
        #[test]
        fn any_order_gives_the_same_bits(rows in prop::collection::vec((1..=CERTAINTY, any::<bool>()), 1..40)) {
            let tally = |rows: &mut dyn Iterator<Item = &(u64, bool)>| {
                let mut tally = Tally::default();
                for &(q, failed) in rows {
                    tally.add_inspected(q, failed).unwrap();
                    tally.add_frame(q, 3).unwrap();
                }
                tally
            };
            prop_assert_eq!(tally(&mut rows.iter()), tally(&mut rows.iter().rev()));
        }

        #[test]
        fn a_term_is_the_weight_itself(q in 1..=CERTAINTY) {
            let mut tally = Tally::default();
            tally.add_inspected(q, true).unwrap();
            let (sums, w) = (tally.sums(), 2_f64.powi(32) / crate::statistics::float(q));
            prop_assert!((sums.wy - w).abs() <= 1e-15 * w);
            prop_assert!((sums.by - w * w).abs() <= 1e-15 * w * w);
        }
    }
}

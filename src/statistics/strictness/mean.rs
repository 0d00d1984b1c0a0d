//! The mean strictness of those who inspected in a period.

/// Above 0 and finite; 1 when it was as usual.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct MeanStrictness(f64);

impl MeanStrictness {
    /// 1: as strict as usual, or not known.
    pub const USUAL: Self = Self(1.0);

    /// Σws/Σw over inspected rows, given as pairs (w, s) of their weight and their inspector's
    /// strictness; rows of one inspector may come together. `None` without a weight above 0, or
    /// where the mean is not above 0 and finite.
    ///
    /// ```
    /// use breeze::statistics::strictness::MeanStrictness;
    /// let mean = MeanStrictness::of([(300.0, 1.0), (100.0, 2.0)]).unwrap();
    /// assert_eq!(mean.value(), 1.25);
    /// ```
    #[must_use]
    pub fn of(rows: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let add = |(weight, sum): (f64, f64), (w, s): (f64, f64)| (weight + w, sum + w * s);
        let (weight, sum) = rows.into_iter().fold((0.0, 0.0), add);
        let mean = sum / weight;
        (weight > 0.0 && mean > 0.0 && mean.is_finite()).then_some(Self(mean))
    }

    /// The mean itself.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl Default for MeanStrictness {
    fn default() -> Self {
        Self::USUAL
    }
}

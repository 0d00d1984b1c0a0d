//! Scored outcomes from the highest score to the lowest.

use super::number::count;

/// A probability is not taken for certainty: its log loss would be infinite.
const NEARLY: f64 = 1e-15;

/// Outcomes by falling probability, equal probabilities together: nothing that is computed from
/// it depends on the order of the rows.
pub(super) struct Ranking {
    pub ties: Vec<Tie>,
    pub rows: usize,
    pub failed: usize,
}

/// All rows of one probability.
pub(super) struct Tie {
    pub probability: f64,
    pub rows: usize,
    pub failed: usize,
}

/// The first rows of the list.
#[derive(Clone, Copy)]
pub(super) struct Head {
    /// Failed of them, a tie at the end giving its share.
    pub failed: f64,
    /// The sum of their probabilities.
    pub expected: f64,
}

impl Ranking {
    pub fn new(outcomes: &[(f64, bool)]) -> Self {
        let known = outcomes.iter().filter(|(probability, _)| !probability.is_nan());
        // Adding 0 makes one of the two zeros.
        let mut known: Vec<_> = known
            .map(|&(probability, failed)| (probability.clamp(0.0, 1.0) + 0.0, failed))
            .collect();
        known.sort_unstable_by(|(one, _), (other, _)| other.total_cmp(one));
        let ties: Vec<Tie> = known
            .chunk_by(|(one, _), (next, _)| one == next)
            .filter_map(|tie| {
                let &(probability, _) = tie.first()?;
                let failed = tie.iter().filter(|(_, failed)| *failed).count();
                Some(Tie { probability, rows: tie.len(), failed })
            })
            .collect();
        let failed = ties.iter().map(|tie| tie.failed).sum();
        Self { ties, rows: known.len(), failed }
    }

    /// So many parts of the list, as rows, divided as `divide` says.
    pub fn share(&self, parts: u32, of: u32, divide: fn(usize, usize) -> usize) -> usize {
        let [parts, of] = [parts, of].map(|part| usize::try_from(part).unwrap_or(usize::MAX));
        divide(self.rows.saturating_mul(parts), of)
    }

    /// The first rows.
    pub fn head(&self, rows: usize) -> Head {
        let mut head = Head { failed: 0.0, expected: 0.0 };
        let mut left = rows;
        for tie in &self.ties {
            let taken = left.min(tie.rows);
            head.failed += count(taken) * count(tie.failed) / count(tie.rows);
            head.expected += count(taken) * tie.probability;
            left -= taken;
            if left == 0 {
                break;
            }
        }
        head
    }

    /// The share of pairs of a failure and a pass in which the failure has the higher score.
    pub fn auc(&self) -> Option<f64> {
        let passed = self.rows - self.failed;
        let (mut below, mut won) = (count(passed), 0.0);
        for tie in &self.ties {
            let tied = count(tie.rows - tie.failed);
            below -= tied;
            won += count(tie.failed) * (below + tied / 2.0);
        }
        (passed > 0 && self.failed > 0).then(|| won / (count(passed) * count(self.failed)))
    }

    /// −Σ y·log p + (1 − y)·log(1 − p).
    pub fn log_loss(&self) -> f64 {
        let loss = |tie: &Tie| {
            let p = tie.nearly();
            let passed = count(tie.rows - tie.failed);
            -count(tie.failed) * libm::log(p) - passed * libm::log1p(-p)
        };
        self.ties.iter().map(loss).sum()
    }

    /// Σ(y − p)².
    pub fn squares(&self) -> f64 {
        let squares = |tie: &Tie| {
            let p = tie.probability;
            count(tie.failed) * (1.0 - p).powi(2) + count(tie.rows - tie.failed) * p * p
        };
        self.ties.iter().map(squares).sum()
    }
}

impl Tie {
    /// The probability, certainty excepted.
    pub fn nearly(&self) -> f64 {
        self.probability.clamp(NEARLY, 1.0 - NEARLY)
    }
}

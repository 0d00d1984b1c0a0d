//! Whether probabilities mean what they say: logistic recalibration (Cox 1958).

use super::number::{count, logistic, logit};
use super::ranking::Ranking;
use serde::{Deserialize, Serialize};

/// Newton's steps, and how often one is halved when it leads downhill.
const STEPS: u32 = 50;
const HALVINGS: u32 = 30;
const ARRIVED: f64 = 1e-9;
/// What two likelihoods may differ by and still be the same, as a share of them.
const FLAT: f64 = 1e-12;

/// The line that would set the scores right: log-odds of failing = intercept + slope · logit(p).
/// Perfect scores have 0 and 1. A slope below 1 says that scores claim too much.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recalibration {
    /// In log-odds.
    pub intercept: f64,
    /// Without unit.
    pub slope: f64,
}

/// Rows of one score, as the regression sees them.
struct Point {
    /// logit(p), less its mean: so that intercept and slope do not compensate each other.
    x: f64,
    rows: f64,
    failed: f64,
}

/// Height at the mean score, and slope.
#[derive(Clone, Copy)]
struct Line {
    height: f64,
    slope: f64,
}

impl Line {
    fn at(self, point: &Point) -> f64 {
        self.height + self.slope * point.x
    }

    fn moved(self, step: Self, part: f64) -> Self {
        Self { height: self.height + part * step.height, slope: self.slope + part * step.slope }
    }
}

/// The most likely line; `None` where there is none, or not one.
pub(super) fn recalibrate(ranking: &Ranking) -> Option<Recalibration> {
    let alike = ranking.failed == 0 || ranking.failed == ranking.rows || ranking.ties.len() < 2;
    if alike {
        return None;
    }
    let points = || {
        ranking.ties.iter().map(|tie| Point {
            x: logit(tie.nearly()),
            rows: count(tie.rows),
            failed: count(tie.failed),
        })
    };
    let mean = points().map(|point| point.x * point.rows).sum::<f64>() / count(ranking.rows);
    let centred: Vec<_> = points().map(|point| Point { x: point.x - mean, ..point }).collect();
    let line = climb(&centred, Line { height: mean, slope: 1.0 })?;
    Some(Recalibration { intercept: line.height - line.slope * mean, slope: line.slope })
}

/// Newton's steps uphill; `None` when they do not arrive, as when scores part the outcomes.
fn climb(points: &[Point], start: Line) -> Option<Line> {
    let (mut line, mut reached) = (start, likelihood(points, start));
    for _ in 0..STEPS {
        let step = newton(points, line)?;
        if step.height.abs().max(step.slope.abs()) < ARRIVED {
            return Some(line);
        }
        let parts = (0..HALVINGS).map(|halvings| libm::exp2(-f64::from(halvings)));
        let mut tries =
            parts.map(|part| line.moved(step, part)).map(|next| (next, likelihood(points, next)));
        // Near the top the likelihood is flat to the last digit.
        let uphill = reached - reached.abs() * FLAT;
        (line, reached) = tries.find(|(_, likelihood)| *likelihood >= uphill)?;
    }
    None
}

fn newton(points: &[Point], line: Line) -> Option<Line> {
    let (mut g0, mut g1, mut h0, mut h1, mut h2) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for point in points {
        let p = logistic(line.at(point));
        let (apart, spread) = (point.failed - point.rows * p, point.rows * p * (1.0 - p));
        g0 += apart;
        g1 += apart * point.x;
        h0 += spread;
        h1 += spread * point.x;
        h2 += spread * point.x * point.x;
    }
    let determinant = h0 * h2 - h1 * h1;
    let height = (h2 * g0 - h1 * g1) / determinant;
    let slope = (h0 * g1 - h1 * g0) / determinant;
    (height.is_finite() && slope.is_finite()).then_some(Line { height, slope })
}

fn likelihood(points: &[Point], line: Line) -> f64 {
    let of = |point: &Point| {
        let log_odds = line.at(point);
        // log(1 + odds), without overflow.
        let log = log_odds.max(0.0) + libm::log1p(libm::exp(-log_odds.abs()));
        point.failed * log_odds - point.rows * log
    };
    points.iter().map(of).sum()
}

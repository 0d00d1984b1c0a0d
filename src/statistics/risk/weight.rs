//! How much each result counts.

use super::facts::Lesson;
use super::number::count;

/// Results in one fixed order, whatever order they came in: rows that compare as equal are equal,
/// so that the same results make the same sums, bit by bit. Identical goods lines are neighbours.
pub(super) fn in_order<'l, 'a>(lessons: &'l [Lesson<'a>]) -> Vec<&'l Lesson<'a>> {
    let mut ordered: Vec<_> = lessons.iter().collect();
    ordered.sort_unstable_by(|one, other| key(one).cmp(&key(other)));
    ordered
}

/// All that a fit reads of a result. Quantities are not negative, so their bits order like they do.
fn key<'a>(lesson: &Lesson<'a>) -> impl Ord + use<'a> {
    let facts = &lesson.facts;
    let line = (facts.commodity_code, facts.destination_country, facts.weight().map(f64::to_bits));
    let who = (facts.exporter_id, facts.office, lesson.inspector);
    let past = (facts.streak, facts.last_severity);
    (
        line,
        who,
        facts.log_value().map(|value| value.to_bits()),
        past,
        lesson.age_days,
        lesson.failed,
    )
}

/// The weights of results in their fixed order, and how much identical lines agree.
pub(super) struct LineWeights {
    /// 1/(1 + (m − 1)ρ) for a line that came m times; 1 for a row without a weight.
    pub weights: Vec<f64>,
    /// ρ, the correlation of results within a line, 0 to 1.
    pub correlation: f64,
}

/// Identical goods lines say more than one of them and less than all: the more their results
/// agree, the less each counts.
pub(super) fn line_weights(ordered: &[&Lesson<'_>]) -> LineWeights {
    let correlation = correlation(ordered);
    let weigh = |line: &[&Lesson<'_>]| {
        let several = if is_weighed(line) { count(line.len()) - 1.0 } else { 0.0 };
        std::iter::repeat_n(1.0 / (1.0 + several * correlation), line.len())
    };
    LineWeights { weights: lines(ordered).flat_map(weigh).collect(), correlation }
}

/// ρ = [Σ_g(Σ(y−ȳ))² − Σ(y−ȳ)²] / [Σ_g m(m−1)·ȳ(1−ȳ)] over lines g of m rows.
fn correlation(ordered: &[&Lesson<'_>]) -> f64 {
    let failed = ordered.iter().filter(|lesson| lesson.failed).count();
    let mean = count(failed) / count(ordered.len()).max(1.0);
    let (mut together, mut pairs) = (0.0, 0.0);
    for line in lines(ordered).filter(|line| is_weighed(line)) {
        let apart = line.iter().map(|lesson| f64::from(u8::from(lesson.failed)) - mean);
        let (sum, squares) =
            apart.fold((0.0, 0.0), |(sum, squares), part| (sum + part, squares + part * part));
        together += sum * sum - squares;
        pairs += count(line.len()) * (count(line.len()) - 1.0);
    }
    let expected = pairs * mean * (1.0 - mean);
    if expected > 0.0 { (together / expected).clamp(0.0, 1.0) } else { 0.0 }
}

/// Rows of the same commodity code, destination and net weight.
fn lines<'s, 'l, 'a>(
    ordered: &'s [&'l Lesson<'a>],
) -> impl Iterator<Item = &'s [&'l Lesson<'a>]> + use<'s, 'l, 'a> {
    ordered.chunk_by(|one, next| {
        let (one, next) = (&one.facts, &next.facts);
        one.commodity_code == next.commodity_code
            && one.destination_country == next.destination_country
            && one.weight() == next.weight()
    })
}

/// Whether the rows of a line have a weight: without one nothing says that they are the same.
fn is_weighed(line: &[&Lesson<'_>]) -> bool {
    line.first().is_some_and(|lesson| lesson.facts.weight().is_some())
}

/// The weights with the age of the results: half after each half-life, rescaled by Σd/Σd² so that
/// their sum says how many fresh results they are worth.
pub(super) fn decayed(weights: &[f64], ordered: &[&Lesson<'_>], half_life_days: u32) -> Vec<f64> {
    let half_life = f64::from(half_life_days.max(1));
    // Only differences of age matter; counted from the youngest, no sum can vanish.
    let youngest = ordered.iter().map(|lesson| lesson.age_days).min().unwrap_or_default();
    let decay = |lesson: &&Lesson<'_>| {
        libm::exp2(-f64::from(lesson.age_days.saturating_sub(youngest)) / half_life)
    };
    let decays: Vec<f64> = ordered.iter().map(decay).collect();
    let (sum, squares) =
        decays.iter().fold((0.0, 0.0), |(sum, squares), d| (sum + d, squares + d * d));
    weights.iter().zip(&decays).map(|(weight, d)| weight * d * (sum / squares)).collect()
}

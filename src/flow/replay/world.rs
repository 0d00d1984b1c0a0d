//! What was declared, and what an inspection of it would find: only as much of each declaration as
//! a replay needs.

use super::text::{Text, Texts};
use crate::domain::declaration::{Declaration, stratum};
use crate::domain::policy::Goods;
use crate::domain::reference::country::Country;
use crate::statistics::risk::{Facts, Streak};
use chrono::NaiveDate;

/// Declarations with their results, sorted by day and number; every number stands once.
#[derive(Clone, Debug, Default)]
pub struct World {
    declared: Vec<Declared>,
    texts: Texts,
}

/// One declaration.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The natural key.
    pub number: Box<str>,
    /// Its inspection day: the local date of its declaration.
    pub day: NaiveDate,
    /// The office.
    pub office: Text,
    /// The exporter.
    pub exporter: Text,
    /// HS code.
    pub commodity: Text,
    /// Destination.
    pub country: &'static Country,
    /// Region and chapter, as a frame names them.
    pub stratum: Text,
    /// Kilograms.
    pub net_weight_kg: Option<f64>,
    /// In the one currency of the world.
    pub value: Option<f64>,
    /// What an inspection finds.
    pub truth: Truth,
}

/// What an inspection finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Whether it fails.
    pub failed: bool,
    /// How severely; `pass` where it passes.
    pub severity: Text,
}

/// What is known of an exporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The last outcome and how often in a row.
    pub streak: Streak,
    /// The severity of the last outcome; none without one.
    pub last: Option<Text>,
}

impl Known {
    /// Nothing.
    pub const NOTHING: Self = Self { streak: Streak::None, last: None };

    /// After one more outcome.
    pub fn after(self, truth: Truth) -> Self {
        Self { streak: self.streak.after(truth.failed), last: Some(truth.severity) }
    }
}

/// What is known of every exporter.
#[derive(Clone, Debug)]
pub struct Pasts(Vec<Known>);

impl Pasts {
    /// Nothing of anybody.
    pub fn new(world: &World) -> Self {
        Self(vec![Known::NOTHING; world.texts().len()])
    }

    /// What is known of one.
    pub fn of(&self, exporter: Text) -> Known {
        self.0.get(exporter.place()).copied().unwrap_or(Known::NOTHING)
    }

    /// Takes in one more result.
    pub fn tell(&mut self, row: &Declared) {
        if let Some(known) = self.0.get_mut(row.exporter.place()) {
            *known = known.after(row.truth);
        }
    }
}

impl World {
    /// Sorts declarations into their order. Their numbers must differ.
    pub fn new(mut declared: Vec<Declared>, texts: Texts) -> Self {
        declared.sort_unstable_by(|a, b| (a.day, &a.number).cmp(&(b.day, &b.number)));
        declared.shrink_to_fit();
        Self { declared, texts }
    }

    /// The declarations in their order.
    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }

    /// The texts that they name.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// Only the days from `from` to `to`, both inclusive.
    #[must_use]
    pub fn between(mut self, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Self {
        let early = |day: NaiveDate| from.is_some_and(|from| day < from);
        let late = |day: NaiveDate| to.is_some_and(|to| day > to);
        self.declared.retain(|row| !early(row.day) && !late(row.day));
        self
    }

    /// The same declarations with other results.
    #[must_use]
    pub fn with_truth(mut self, mut truth: impl FnMut(usize, &Declared) -> Truth) -> Self {
        for (at, row) in self.declared.iter_mut().enumerate() {
            row.truth = truth(at, row);
        }
        self
    }

    /// What rules are asked about.
    pub fn goods(&self, row: &Declared) -> Goods<'_> {
        Goods {
            office: self.texts.get(row.office),
            country: row.country.alpha2,
            region: row.country.region,
            commodity: self.texts.get(row.commodity),
        }
    }

    /// What the score sees, with what is known of the exporter.
    pub fn facts(&self, row: &Declared, known: Known) -> Facts<'_> {
        Facts {
            commodity_code: self.texts.get(row.commodity),
            destination_country: row.country.alpha2,
            office: self.texts.get(row.office),
            exporter_id: self.texts.get(row.exporter),
            net_weight_kg: row.net_weight_kg,
            value: row.value,
            streak: known.streak,
            last_severity: known.last.map_or("none", |severity| self.texts.get(severity)),
        }
    }
}

impl Declared {
    /// Keeps of a declaration what a replay needs; `value` in the currency of the declaration.
    pub fn of(declaration: &Declaration, day: NaiveDate, truth: Truth, texts: &mut Texts) -> Self {
        let country = declaration.destination_country;
        let commodity = declaration.commodity_code.as_str();
        // A checked decimal always is a number.
        let number = |text: &str| text.parse::<f64>().ok();
        Self {
            number: declaration.number.as_str().into(),
            day,
            office: texts.keep(declaration.office.as_str()),
            exporter: texts.keep(declaration.exporter_id.as_str()),
            commodity: texts.keep(commodity),
            country,
            stratum: texts.keep(&stratum(country.region.code(), commodity)),
            net_weight_kg: declaration.net_weight_kg.as_ref().and_then(|w| number(w.as_str())),
            value: declaration.value.as_ref().and_then(|value| number(&value.amount())),
            truth,
        }
    }
}

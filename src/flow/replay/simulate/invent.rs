//! One invented year.
//!
//! 400 exporters at five offices, 80 headings, 40 countries; each has its effect on the log-odds of
//! failing, and with −3.35 to begin with about 9 % fail. Who exports what whereto is left to even
//! chance, about 130 declarations a day, so that 5 % are some 2,400 inspections a year. Weights and
//! values say nothing.

use crate::domain::declaration::stratum;
use crate::domain::reference::country::{self, Country};
use crate::flow::replay::text::{Text, Texts};
use crate::flow::replay::world::{Declared, Truth, World};
use crate::statistics::float;
use chrono::{Datelike, NaiveDate};

/// The offices.
pub const OFFICES: [&str; 5] = ["CNDLC", "CNNGB", "CNSZX", "CNTAO", "CNYIW"];
const EXPORTERS: u64 = 400;
/// Chapters, with four headings each.
const CHAPTERS: [&str; 20] = [
    "07", "08", "20", "29", "30", "39", "40", "42", "61", "62", "63", "64", "69", "73", "82", "84",
    "85", "87", "94", "95",
];
const COUNTRIES: [&str; 40] = [
    "AE", "AR", "AU", "BD", "BR", "CA", "CL", "CM", "CO", "DE", "DZ", "EG", "ES", "ET", "FR", "GB",
    "GH", "ID", "IN", "IT", "JP", "KE", "KR", "KZ", "MA", "MX", "MY", "NA", "NG", "NL", "PE", "PH",
    "PK", "PL", "RU", "SA", "TH", "US", "VN", "ZA",
];
/// Log-odds of failing to begin with, and how far exporters, headings and countries spread.
const BASE: f64 = -3.35;
const EXPORTER_SPREAD: f64 = 1.4;
const HEADING_SPREAD: f64 = 0.8;
const COUNTRY_SPREAD: f64 = 0.5;
/// Fewest declarations of an office's day, and how many more there may be.
const FEWEST: u64 = 16;
const MORE: u64 = 21;

/// SplitMix64 (Steele, Lea & Flood 2014): the invention of worlds alone, never a draw.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in 0…1, without either end.
    fn share(&mut self) -> f64 {
        (float(self.next() >> 12) + 0.5) / float(1 << 52)
    }

    /// Uniform in 0…end − 1; the bias is below end/2⁶⁴.
    fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(end);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// Normal with mean 0 (Box & Muller 1958).
    fn normal(&mut self, spread: f64) -> f64 {
        let radius = (-2.0 * libm::log(self.share())).sqrt();
        spread * radius * libm::cos(std::f64::consts::TAU * self.share())
    }

    fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(among.len()).unwrap_or(0);
        usize::try_from(self.below(count)).ok().and_then(|at| among.get(at))
    }
}

struct Exporter {
    id: Text,
    effect: f64,
}

struct Heading {
    /// Two subheadings.
    commodities: [Text; 2],
    chapter: &'static str,
    effect: f64,
}

struct Destination {
    country: &'static Country,
    effect: f64,
}

/// Who and what there is.
struct Trade {
    /// By office.
    exporters: Vec<(Text, Vec<Exporter>)>,
    headings: Vec<Heading>,
    destinations: Vec<Destination>,
    pass: Text,
    fail: Text,
}

/// First day of every invented year.
pub fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default()
}

/// The world of this number: always the same.
pub fn invent(number: u64) -> World {
    let mut chance = Chance(number);
    let mut texts = Texts::default();
    let trade = trade(&mut chance, &mut texts);
    let mut declared = Vec::new();
    let year = first_day().year();
    for day in first_day().iter_days().take_while(|day| day.year() == year) {
        for (office, exporters) in &trade.exporters {
            for at in 0..FEWEST + chance.below(MORE) {
                let number = format!("{}-{}-{at:03}", texts.get(*office), day.format("%Y%m%d"));
                let facts = (number, day, *office);
                declared.extend(declare(&mut chance, &mut texts, &trade, exporters, facts));
            }
        }
    }
    World::new(declared, texts)
}

fn trade(chance: &mut Chance, texts: &mut Texts) -> Trade {
    let offices = u64::try_from(OFFICES.len()).unwrap_or(1);
    let exporters = (0..).zip(OFFICES).map(|(at, office)| {
        let own = (0..EXPORTERS).filter(|exporter| exporter % offices == at);
        let exporter = |number| Exporter {
            id: texts.keep(&format!("X{number:03}")),
            effect: chance.normal(EXPORTER_SPREAD),
        };
        let own: Vec<Exporter> = own.map(exporter).collect();
        (texts.keep(office), own)
    });
    let exporters = exporters.collect();
    let heading = |(chapter, at): (&'static str, u32)| Heading {
        commodities: ["10", "90"].map(|end| texts.keep(&format!("{chapter}{at:02}{end}"))),
        chapter,
        effect: chance.normal(HEADING_SPREAD),
    };
    let each = CHAPTERS.into_iter().flat_map(|chapter| (1..=4).map(move |at| (chapter, at)));
    let headings = each.map(heading).collect();
    let countries = COUNTRIES.into_iter().filter_map(country::find);
    let destination = |country| Destination { country, effect: chance.normal(COUNTRY_SPREAD) };
    let destinations = countries.map(destination).collect();
    let (pass, fail) = (texts.keep("pass"), texts.keep("major"));
    Trade { exporters, headings, destinations, pass, fail }
}

fn declare(
    chance: &mut Chance,
    texts: &mut Texts,
    trade: &Trade,
    exporters: &[Exporter],
    (number, day, office): (String, NaiveDate, Text),
) -> Option<Declared> {
    let exporter = chance.pick(exporters)?;
    let heading = chance.pick(&trade.headings)?;
    let destination = chance.pick(&trade.destinations)?;
    let log_odds = BASE + exporter.effect + heading.effect + destination.effect;
    let failed = chance.share() < 1.0 / (1.0 + libm::exp(-log_odds));
    let weight = libm::exp(6.0 + chance.normal(1.2));
    let region = destination.country.region.code();
    Some(Declared {
        number: number.into(),
        day,
        office,
        exporter: exporter.id,
        commodity: *chance.pick(&heading.commodities)?,
        country: destination.country,
        stratum: texts.keep(&stratum(region, heading.chapter)),
        net_weight_kg: Some(weight),
        value: Some(weight * libm::exp(2.0 + chance.normal(0.8))),
        truth: Truth { failed, severity: if failed { trade.fail } else { trade.pass } },
    })
}

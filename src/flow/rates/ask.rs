//! Which rates are asked for.

use crate::domain::draw::Selection;
use crate::domain::id::OfficeCode;
use crate::domain::parameter::bounded;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::problem::{Code, Problem};
use crate::domain::reference::country;
use crate::domain::reference::grouping::{self, Grouping};
use crate::domain::reference::region::Region;
use crate::statistics::Target;
use crate::store::rates::{Detail, Filter};
use chrono::NaiveDate;

/// What cells are split by, besides periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// Reporting region.
    Region,
    /// Grouping, by its members of the day; cells overlap.
    Grouping,
    /// Destination country.
    Country,
    /// Office.
    Office,
    /// Chapter, 2 digits.
    Chapter,
    /// Heading, 4 digits.
    Heading,
    /// Subheading, 6 digits; shorter where the declaration was.
    Subheading,
    /// By chance or by order.
    Selection,
}

impl Split {
    /// Every split.
    pub const ALL: [Self; 8] = [
        Self::Region,
        Self::Grouping,
        Self::Country,
        Self::Office,
        Self::Chapter,
        Self::Heading,
        Self::Subheading,
        Self::Selection,
    ];

    /// The split as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Grouping => "grouping",
            Self::Country => "country",
            Self::Office => "office",
            Self::Chapter => "chapter",
            Self::Heading => "heading",
            Self::Subheading => "subheading",
            Self::Selection => "selection",
        }
    }
}

/// The words of a request: flat, as the doors take them. Empty lists do not restrict.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// First day, or the label of the period that begins with it.
    pub from: String,
    /// Last day, or the label of the period that ends with it.
    pub to: String,
    /// Splits; each text may hold several, with commas.
    pub split_by: Vec<String>,
    /// Reporting regions.
    pub region: Vec<String>,
    /// Groupings.
    pub grouping: Vec<String>,
    /// Countries, alpha-2.
    pub country: Vec<String>,
    /// Commodity prefixes.
    pub commodity: Vec<String>,
    /// Offices.
    pub office: Vec<String>,
    /// Selections.
    pub selection: Vec<String>,
}

/// Which rates are asked for, valid.
#[derive(Clone, Debug)]
pub struct Ask {
    /// How long a period is.
    pub period: PeriodKind,
    /// First and last inspection day.
    pub days: (NaiveDate, NaiveDate),
    /// Splits in the order asked, each once.
    pub split_by: Vec<Split>,
    /// What the rates speak of.
    pub target: Target,
    /// Regions; empty for all.
    pub regions: Vec<Region>,
    /// Groupings; empty for no restriction.
    pub groupings: Vec<&'static Grouping>,
    /// Countries; empty for all.
    pub countries: Vec<&'static str>,
    /// Commodity prefixes; empty for all.
    pub commodities: Vec<String>,
    /// Offices; empty for all of the caller's.
    pub offices: Vec<OfficeCode>,
    /// Selections; empty for all, and for what is in no frame yet.
    pub selections: Vec<Selection>,
}

impl Ask {
    /// Reads a request.
    ///
    /// # Errors
    /// [`Code::InvalidParameter`], which names the parameter and lists what is possible.
    pub fn parse(period: PeriodKind, target: Target, words: &Words) -> Result<Self, Problem> {
        Ok(Self {
            period,
            days: days(&words.from, &words.to)?,
            split_by: splits(&words.split_by)?,
            target,
            regions: each("region", &words.region, Region::find, || {
                list(Region::ALL.iter().map(|region| region.code()))
            })?,
            groupings: each("grouping", &words.grouping, grouping::find, || {
                list(grouping::all().iter().map(|grouping| grouping.code))
            })?,
            countries: each(
                "country",
                &words.country,
                |text| country::find(text).map(|country| country.alpha2),
                || "codes of ISO 3166-1 alpha-2, in capitals".into(),
            )?,
            commodities: each("commodity", &words.commodity, prefix, || {
                "the first 1 to 10 digits of commodity codes".into()
            })?,
            offices: each(
                "office",
                &words.office,
                |text| OfficeCode::parse(text).ok(),
                || "codes of offices: 1 to 12 letters, digits or `-`".into(),
            )?,
            selections: each("selection", &words.selection, Selection::find, || {
                "random, directive".into()
            })?,
        })
    }

    /// What the database is asked for; groupings are dated and are looked up here.
    pub(super) fn filter(&self, offices: Vec<String>) -> Filter {
        Filter {
            days: self.days,
            offices,
            regions: self.regions.iter().map(|region| region.code().to_owned()).collect(),
            countries: self.countries.iter().map(|&country| country.to_owned()).collect(),
            commodities: self.commodities.clone(),
            selections: self.selections.clone(),
        }
    }

    /// Whether countries and commodities must be told apart.
    pub(super) fn detail(&self) -> Detail {
        use Split::{Chapter, Country, Grouping, Heading, Subheading};
        let fine = [Country, Grouping, Chapter, Heading, Subheading];
        let needed = !self.groupings.is_empty() || fine.iter().any(|s| self.split_by.contains(s));
        if needed { Detail::Fine } else { Detail::Coarse }
    }

    /// Whether the rates read about a row a declaration, so that few may be asked for at a time.
    pub fn is_fine(&self) -> bool {
        self.detail() == Detail::Fine
    }

    /// Whether selections must be told apart; the filter has restricted them already.
    pub(super) fn tells_selections(&self) -> bool {
        self.split_by.contains(&Split::Selection)
    }
}

fn invalid(words: String) -> Problem {
    Problem::new(Code::InvalidParameter, words)
}

fn days(from: &str, to: &str) -> Result<(NaiveDate, NaiveDate), Problem> {
    let day = |name: &str, text: &str| {
        Period::parse(text).map_err(|words| invalid(format!("{name}: {words}")))
    };
    let days = (day("from", from)?.first(), day("to", to)?.last());
    if days.0 > days.1 {
        return Err(invalid(format!("from: {} lies after `to`, which is {}", days.0, days.1)));
    }
    Ok(days)
}

fn splits(words: &[String]) -> Result<Vec<Split>, Problem> {
    let one_by_one = words.iter().flat_map(|words| words.split(','));
    let one_by_one: Vec<_> = one_by_one.map(|word| word.trim().to_owned()).collect();
    let find = |text: &str| Split::ALL.into_iter().find(|split| split.as_str() == text);
    each("split_by", &one_by_one, find, || list(Split::ALL.iter().map(|split| split.as_str())))
}

/// Reads every value of a parameter once, or says which is wrong and what is possible.
fn each<T>(
    name: &str,
    values: &[String],
    read: impl Fn(&str) -> Option<T>,
    possible: impl Fn() -> String,
) -> Result<Vec<T>, Problem> {
    let one = |value: &String| {
        read(value).ok_or_else(|| {
            invalid(format!("{name}: `{}` is none of {}", value.escape_debug(), possible()))
        })
    };
    bounded(name, values.len())?;
    let again = |(at, value): &(usize, &String)| !values.iter().take(*at).any(|v| v == *value);
    values.iter().enumerate().filter(again).map(|(_, value)| one(value)).collect()
}

fn list<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    codes.collect::<Vec<_>>().join(", ")
}

fn prefix(text: &str) -> Option<String> {
    let digits = (1..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.to_owned())
}

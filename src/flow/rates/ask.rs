//! Which rates are asked for.

use super::cells::Label;
use crate::domain::campaign::CampaignScope;
use crate::domain::draw::Selection;
use crate::domain::id::{ExporterId, OfficeCode};
use crate::domain::parameter::bounded;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::place::Place;
use crate::domain::problem::{Code, Problem};
use crate::domain::reference::country;
use crate::domain::reference::grouping::{self, Grouping};
use crate::domain::reference::region::Region;
use crate::statistics::Target;
use crate::store::rates::Filter;
use crate::store::sums::View;
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
    /// Province of the office.
    Province,
    /// Exporter.
    Exporter,
    /// Campaign, by the goods in its scope, whether it runs or not; cells overlap.
    Campaign,
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
    pub const ALL: [Self; 11] = [
        Self::Region,
        Self::Grouping,
        Self::Country,
        Self::Office,
        Self::Province,
        Self::Exporter,
        Self::Campaign,
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
            Self::Province => "province",
            Self::Exporter => "exporter",
            Self::Campaign => "campaign",
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
    /// How long the periods are.
    pub period: String,
    /// What the rates speak of; none for the usual.
    pub target: Option<String>,
    /// First day, or the label of the period that begins with it.
    pub from: String,
    /// Last day, or the label of the period that ends with it.
    pub to: String,
    /// Splits; each text may hold several, with commas.
    pub split_by: Vec<String>,
    /// Which goods.
    pub filters: Filters,
}

/// Which goods: filters as the doors take them, "or" within each and "and" between them. An empty list
/// does not restrict.
#[derive(Clone, Debug, Default)]
pub struct Filters {
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
    /// Provinces of offices.
    pub province: Vec<String>,
    /// Exporters.
    pub exporter: Vec<String>,
    /// Campaigns.
    pub campaign: Vec<String>,
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
    /// Provinces; empty for no restriction.
    pub provinces: Vec<String>,
    /// Exporters; empty for all.
    pub exporters: Vec<String>,
    /// Campaigns, whose goods are asked for; empty for no restriction.
    pub campaigns: Vec<String>,
    /// Selections; empty for all, and for what is in no frame yet.
    pub selections: Vec<Selection>,
    /// Goods of this scope are left out. No words say it: what is compared with a campaign is not a
    /// question of its own.
    pub(in crate::flow) outside: Option<CampaignScope>,
}

impl Ask {
    /// Everything of some days, of the goods declared.
    pub const fn of_days(period: PeriodKind, days: (NaiveDate, NaiveDate)) -> Self {
        Self {
            period,
            days,
            split_by: Vec::new(),
            target: Target::Declarations,
            regions: Vec::new(),
            groupings: Vec::new(),
            countries: Vec::new(),
            commodities: Vec::new(),
            offices: Vec::new(),
            provinces: Vec::new(),
            exporters: Vec::new(),
            campaigns: Vec::new(),
            selections: Vec::new(),
            outside: None,
        }
    }

    /// Reads a request.
    ///
    /// # Errors
    /// [`Code::QuestionImpossible`], which names the parameter and lists what is possible.
    pub fn parse(words: &Words) -> Result<Self, Problem> {
        let period = PeriodKind::find(&words.period).ok_or_else(|| {
            let kinds = list(PeriodKind::ALL.iter().map(|kind| kind.as_str()));
            impossible(format!("period: `{}` is none of {kinds}", words.period.escape_debug()))
        })?;
        let target = target(words.target.as_deref())?;
        let filters = &words.filters;
        Ok(Self {
            period,
            days: days(&words.from, &words.to)?,
            split_by: splits(&words.split_by)?,
            target,
            regions: each("region", &filters.region, Region::find, || {
                list(Region::ALL.iter().map(|region| region.code()))
            })?,
            groupings: each("grouping", &filters.grouping, grouping::find, || {
                list(grouping::all().iter().map(|grouping| grouping.code))
            })?,
            countries: each(
                "country",
                &filters.country,
                |text| country::find(text).map(|country| country.alpha2),
                || "codes of ISO 3166-1 alpha-2, in capitals".into(),
            )?,
            commodities: each("commodity", &filters.commodity, prefix, || {
                "the first 1 to 10 digits of commodity codes".into()
            })?,
            offices: each(
                "office",
                &filters.office,
                |text| OfficeCode::parse(text).ok(),
                || "codes of offices: 1 to 12 letters, digits or `-`".into(),
            )?,
            provinces: each("province", &filters.province, short, || {
                "provinces of offices, such as CN-SD".into()
            })?,
            exporters: each(
                "exporter",
                &filters.exporter,
                |text| ExporterId::parse(text).ok().map(|exporter| exporter.to_string()),
                || "ids of exporters as they are declared".into(),
            )?,
            campaigns: each("campaign", &filters.campaign, short, || "ids of campaigns".into())?,
            selections: each("selection", &filters.selection, Selection::find, || {
                "random, directive".into()
            })?,
            outside: None,
        })
    }

    /// What the database is asked for; groupings are dated and are looked up here, and so are
    /// campaigns.
    pub(super) fn filter(&self, offices: Option<Vec<String>>) -> Filter {
        Filter {
            days: self.days,
            offices,
            regions: self.regions.iter().map(|region| region.code().to_owned()).collect(),
            countries: self.countries.iter().map(|&country| country.to_owned()).collect(),
            commodities: self.commodities.clone(),
            exporters: self.exporters.clone(),
            selections: self.selections.clone(),
        }
    }

    /// Whether a list of labels is that of what is in no frame yet.
    pub(super) fn is_of_no_frame(&self, labels: &[Label]) -> bool {
        let mut named = self.split_by.iter().zip(labels);
        named.any(|(split, label)| *split == Split::Selection && label.is_none())
    }

    /// Whether the rates may read about a row a declaration, so that few may be asked for at a time.
    pub fn may_read_rows(&self) -> bool {
        let campaigns = !self.campaigns.is_empty() || self.is_split_by(&[Split::Campaign]);
        campaigns || self.outside.is_some() || self.source(&[]) == Source::Rows
    }

    /// Where the rates are read: the coarsest of the kept sums that can tell apart what is asked.
    pub(super) fn source(&self, scopes: &[&CampaignScope]) -> Source {
        self.source_of(self.days, scopes)
    }

    /// Where the rates of some of the days are read.
    pub(super) fn source_of(
        &self,
        days: (NaiveDate, NaiveDate),
        scopes: &[&CampaignScope],
    ) -> Source {
        let exporters = !self.exporters.is_empty() || self.is_split_by(&[Split::Exporter]);
        let by_month =
            matches!(self.period, PeriodKind::Month | PeriodKind::Quarter | PeriodKind::Year)
                && has_whole_months(days);
        match (self.tells_countries(scopes), self.tells_commodities(scopes)) {
            _ if exporters => Source::Rows,
            (false, None) if by_month => Source::Kept(View::Month),
            (false, None) => Source::Kept(View::Day),
            (true, None) if by_month && self.members_stay(days) => Source::Kept(View::Country),
            (false, Some(Digits::Two)) if by_month => Source::Kept(View::Chapter),
            _ => Source::Rows,
        }
    }

    fn is_split_by(&self, splits: &[Split]) -> bool {
        splits.iter().any(|split| self.split_by.contains(split))
    }

    fn tells_countries(&self, scopes: &[&CampaignScope]) -> bool {
        let places = scopes.iter().flat_map(|scope| &scope.places);
        let finer = |place: &Place| !matches!(place, Place::Region(_));
        !self.countries.is_empty()
            || !self.groupings.is_empty()
            || self.is_split_by(&[Split::Country, Split::Grouping])
            || places.into_iter().any(finer)
    }

    /// How many digits of commodities must be told apart, if any.
    fn tells_commodities(&self, scopes: &[&CampaignScope]) -> Option<Digits> {
        let of_scopes = scopes.iter().flat_map(|scope| &scope.commodities);
        let mut prefixes = self.commodities.iter().chain(of_scopes).peekable();
        let any = prefixes.peek().is_some() || self.is_split_by(&[Split::Chapter]);
        let deep = prefixes.any(|prefix| prefix.len() > 2)
            || self.is_split_by(&[Split::Heading, Split::Subheading]);
        match (deep, any) {
            (true, _) => Some(Digits::All),
            (false, true) => Some(Digits::Two),
            (false, false) => None,
        }
    }

    /// Whether the groupings asked for have the same members throughout each month of the days.
    fn members_stay(&self, days: (NaiveDate, NaiveDate)) -> bool {
        let all = self.is_split_by(&[Split::Grouping]) && self.groupings.is_empty();
        match all {
            true => grouping::all().iter().all(|grouping| grouping.has_whole_months(days)),
            false => self.groupings.iter().all(|grouping| grouping.has_whole_months(days)),
        }
    }

    /// Days that are read at a time: all at once where an index finds the rows, which it would search
    /// anew for each month; else a month.
    pub(super) fn pages(&self, filter: &Filter) -> Vec<(NaiveDate, NaiveDate)> {
        if !filter.exporters.is_empty() || !filter.commodities.is_empty() {
            return vec![self.days];
        }
        let inside =
            |month: Period| (month.first().max(self.days.0), month.last().min(self.days.1));
        Period::covering(PeriodKind::Month, self.days).map(inside).collect()
    }
}

fn has_whole_months((first, last): (NaiveDate, NaiveDate)) -> bool {
    PeriodKind::Month.of(first).first() == first && PeriodKind::Month.of(last).last() == last
}

/// How finely commodities are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Digits {
    Two,
    All,
}

/// Where rates are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The sums that are kept with each draw and result.
    Kept(View),
    /// The rows of the frames.
    Rows,
}

fn target(text: Option<&str>) -> Result<Target, Problem> {
    let Some(text) = text else { return Ok(Target::Declarations) };
    let mut targets = [Target::Declarations, Target::Process].into_iter();
    targets.find(|target| target.name() == text).ok_or_else(|| {
        let shown = text.escape_debug();
        impossible(format!("target: `{shown}` is none of declarations, process"))
    })
}

fn impossible(words: String) -> Problem {
    Problem::new(Code::QuestionImpossible, words)
}

fn days(from: &str, to: &str) -> Result<(NaiveDate, NaiveDate), Problem> {
    let day = |name: &str, text: &str| {
        Period::parse(text).map_err(|words| impossible(format!("{name}: {words}")))
    };
    let days = (day("from", from)?.first(), day("to", to)?.last());
    if days.0 > days.1 {
        return Err(impossible(format!("from: {} lies after `to`, which is {}", days.0, days.1)));
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
            impossible(format!("{name}: `{}` is none of {}", value.escape_debug(), possible()))
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

fn short(text: &str) -> Option<String> {
    let short = (1..=64).contains(&text.len()) && !text.chars().any(char::is_control);
    short.then(|| text.to_owned())
}

//! Which goods a sentence speaks of.

use crate::domain::reference::{Names, country, grouping, region::Region};

/// Which goods: "or" within each list, "and" between them; an empty list does not restrict. Codes, as
/// rates are asked for and split by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goods {
    /// First digits of commodity codes.
    pub commodities: Vec<String>,
    /// Countries, alpha-2.
    pub countries: Vec<String>,
    /// Groupings.
    pub groupings: Vec<String>,
    /// Reporting regions.
    pub regions: Vec<String>,
    /// Offices.
    pub offices: Vec<String>,
    /// Provinces; none for offices without one.
    pub provinces: Vec<Option<String>>,
    /// Exporters.
    pub exporters: Vec<String>,
    /// Campaigns.
    pub campaigns: Vec<String>,
    /// `random`, `directive`; none for what is in no frame yet.
    pub selections: Vec<Option<String>>,
}

/// More than these are counted, not named.
const NAMED: usize = 3;

/// Words joined by "or"; their number where they are many.
fn list(words: &[String], comma: &str, or: &str) -> Option<String> {
    match words {
        [] => None,
        [one] => Some(one.clone()),
        [before @ .., last] if words.len() <= NAMED => {
            Some(format!("{}{or}{last}", before.join(comma)))
        }
        _ => None,
    }
}

fn either(words: &[String], many: &str) -> String {
    list(words, ", ", " or ").unwrap_or_else(|| format!("{} {many}", words.len()))
}

fn names(words: &[String], many: &str) -> String {
    list(words, "、", "或").unwrap_or_else(|| format!("{}{many}", words.len()))
}

/// The names behind codes; a code that no table knows names itself.
fn named<'a>(
    codes: &'a [String],
    find: impl Fn(&str) -> Option<Names> + 'a,
) -> impl Iterator<Item = (String, String)> + 'a {
    codes.iter().map(move |code| match find(code) {
        Some(Names { en, zh }) => (en.to_owned(), zh.unwrap_or(en).to_owned()),
        None => (code.clone(), code.clone()),
    })
}

/// Destinations, the narrowest first, in both languages.
struct Places(Vec<(String, String)>);

impl Places {
    fn of(goods: &Goods) -> Self {
        let countries: Vec<_> =
            named(&goods.countries, |code| country::find(code).map(country::Country::names))
                .map(|(en, zh)| (with_article(&en), zh))
                .collect();
        let groupings: Vec<_> =
            named(&goods.groupings, |code| grouping::find(code).map(grouping::Grouping::names))
                .map(|(en, zh)| (grouping_with_article(&en), zh))
                .collect();
        let regions: Vec<_> = named(&goods.regions, |code| match Region::find(code)? {
            Region::Other => Some(Names { en: "other regions", zh: Some("其他地区") }),
            region => Some(region.names()),
        })
        .collect();
        let kinds = [
            (countries, "countries", "个国家"),
            (groupings, "groupings", "个国家组"),
            (regions, "regions", "个地区"),
        ];
        let kinds = kinds.into_iter().filter(|(words, ..)| !words.is_empty());
        Self(
            kinds
                .map(|(words, many, many_zh)| {
                    let (en, zh): (Vec<_>, Vec<_>) = words.into_iter().unzip();
                    (either(&en, many), names(&zh, many_zh))
                })
                .collect(),
        )
    }

    fn english(&self) -> Option<String> {
        let words: Vec<_> = self.0.iter().map(|(en, _)| en.as_str()).collect();
        (!words.is_empty()).then(|| format!("to {}", words.join(" in ")))
    }

    fn chinese(&self) -> Option<String> {
        let ((_, first), rest) = self.0.split_first()?;
        let rest: String = rest.iter().map(|(_, zh)| format!("（{zh}）")).collect();
        Some(format!("运往{first}{rest}"))
    }
}

fn with_article(country: &str) -> String {
    let begins =
        ["United ", "Central African", "Dominican Rep", "British ", "French Southern", "U.S. "];
    let ends = ["Islands", "Netherlands", "Philippines", "Bahamas", "Gambia", "Maldives"];
    let article = begins.iter().any(|begin| country.starts_with(begin))
        || ends.iter().any(|end| country.ends_with(end));
    if article { format!("the {country}") } else { country.to_owned() }
}

/// A name of several words takes an article, an acronym does not.
fn grouping_with_article(name: &str) -> String {
    match name.strip_prefix("Least ") {
        Some(rest) => format!("the least {rest}"),
        None if name.contains(' ') => format!("the {name}"),
        None => name.to_owned(),
    }
}

/// A commodity prefix by its name in the Harmonized System.
fn commodity(digits: &str) -> (String, String) {
    match digits.len() {
        2 => (format!("chapter {digits}"), format!("第{digits}章")),
        4 => (format!("heading {digits}"), format!("品目{digits}")),
        6 => (format!("subheading {digits}"), format!("子目{digits}")),
        _ => (format!("codes {digits}…"), format!("编码{digits}…")),
    }
}

fn selection(code: Option<&str>) -> (&'static str, &'static str) {
    match code {
        Some("directive") => ("drawn by order", "按指令抽中"),
        Some(_) => ("drawn by chance", "随机抽中"),
        None => ("in no frame yet", "尚未进入抽样框"),
    }
}

/// "office CNTAO", "offices CNTAO or CNSHA", "5 offices"; nothing where the list is empty.
fn called(codes: &[String], word: &str, words: &str) -> Option<String> {
    let word = match codes.len() {
        0 => return None,
        1 => format!("{word} "),
        2..=NAMED => format!("{words} "),
        _ => String::new(),
    };
    Some(format!("{word}{}", either(codes, words)))
}

impl Goods {
    /// "goods of heading 8507 to Africa through office CNTAO".
    pub fn english(&self) -> String {
        let commodities: Vec<_> = self.commodities.iter().map(|code| commodity(code).0).collect();
        let chosen = self.selections.iter().map(|code| selection(code.as_deref()).0.to_owned());
        let chosen: Vec<String> = chosen.collect();
        let after =
            |word: &str, words: Option<String>| words.map(|words| format!("{word} {words}"));
        let clauses = [
            Some("goods".into()),
            (!commodities.is_empty())
                .then(|| format!("of {}", either(&commodities, "commodities"))),
            Places::of(self).english(),
            after("through", called(&self.offices, "office", "offices")),
            self.province_english(),
            after("from", called(&self.exporters, "exporter", "exporters")),
            after("in the scope of", called(&self.campaigns, "campaign", "campaigns")),
            list(&chosen, ", ", " or "),
        ];
        clauses.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn province_english(&self) -> Option<String> {
        let start = if self.offices.is_empty() { "through offices " } else { "" };
        let known: Vec<String> = self.provinces.iter().flatten().cloned().collect();
        match (self.provinces.is_empty(), known.as_slice()) {
            (true, _) => None,
            (_, []) => Some(format!("{start}without a province")),
            (_, known) => Some(format!("{start}in {}", either(known, "provinces"))),
        }
    }

    /// "经海关CNTAO、运往非洲的品目8507货物".
    pub fn chinese(&self) -> String {
        let around = |before: &str, codes: &[String], many: &str, after: &str| {
            (!codes.is_empty()).then(|| format!("{before}{}{after}", names(codes, many)))
        };
        let chosen: Vec<_> =
            self.selections.iter().map(|code| selection(code.as_deref()).1.to_owned()).collect();
        let clauses = [
            around("经海关", &self.offices, "个", ""),
            self.province_chinese(),
            around("由出口商", &self.exporters, "家", "出口"),
            Places::of(self).chinese(),
            around("属于专项", &self.campaigns, "个", ""),
            list(&chosen, "、", "或"),
        ];
        let clauses: Vec<_> = clauses.into_iter().flatten().collect();
        let of = if clauses.is_empty() { "" } else { "的" };
        let commodities: Vec<_> = self.commodities.iter().map(|code| commodity(code).1).collect();
        let commodities = around("", &commodities, "种商品的", "").unwrap_or_default();
        format!("{}{of}{commodities}货物", clauses.join("、"))
    }

    fn province_chinese(&self) -> Option<String> {
        let known: Vec<String> = self.provinces.iter().flatten().cloned().collect();
        match (self.provinces.is_empty(), known.as_slice()) {
            (true, _) => None,
            (_, []) => Some("经未登记省份的海关".into()),
            (_, known) => Some(format!("经{}省份的海关", names(known, "个"))),
        }
    }
}

//! Reporting regions: the seven that strata use.

use super::Names;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A reporting region. Every country has exactly one, taken from UN M49.
///
/// The Americas are split as M49 does: 419, Latin America and the Caribbean, and 021, Northern
/// America. `Other` is Antarctica, the one country that M49 puts into no region.
///
/// ```
/// # use breeze::domain::reference::region::Region;
/// assert_eq!("latin-america".parse(), Ok(Region::LatinAmerica));
/// assert_eq!(Region::Africa.names().zh, Some("非洲"));
/// ```
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Region {
    /// M49 002.
    Africa,
    /// M49 419: Latin America and the Caribbean.
    LatinAmerica,
    /// M49 021.
    NorthernAmerica,
    /// M49 142.
    Asia,
    /// M49 150.
    Europe,
    /// M49 009.
    Oceania,
    /// What M49 leaves out.
    Other,
}

/// A text that names no reporting region.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no reporting region; use africa, latin-america, northern-america, asia, europe, \
     oceania or other"
)]
pub struct RegionUnknown(pub String);

impl Region {
    /// Every region, in the order in which reports list them.
    pub const ALL: [Self; 7] = [
        Self::Africa,
        Self::LatinAmerica,
        Self::NorthernAmerica,
        Self::Asia,
        Self::Europe,
        Self::Oceania,
        Self::Other,
    ];

    /// The code as sent and as it stands in strata: kebab-case, never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Africa => "africa",
            Self::LatinAmerica => "latin-america",
            Self::NorthernAmerica => "northern-america",
            Self::Asia => "asia",
            Self::Europe => "europe",
            Self::Oceania => "oceania",
            Self::Other => "other",
        }
    }

    /// The three digits of UN M49; none for `Other`.
    pub const fn m49(self) -> Option<&'static str> {
        match self {
            Self::Africa => Some("002"),
            Self::LatinAmerica => Some("419"),
            Self::NorthernAmerica => Some("021"),
            Self::Asia => Some("142"),
            Self::Europe => Some("150"),
            Self::Oceania => Some("009"),
            Self::Other => None,
        }
    }

    /// The English name.
    pub const fn name_en(self) -> &'static str {
        match self {
            Self::Africa => "Africa",
            Self::LatinAmerica => "Latin America and the Caribbean",
            Self::NorthernAmerica => "Northern America",
            Self::Asia => "Asia",
            Self::Europe => "Europe",
            Self::Oceania => "Oceania",
            Self::Other => "Other",
        }
    }

    /// The Chinese name.
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::Africa => "非洲",
            Self::LatinAmerica => "拉丁美洲和加勒比",
            Self::NorthernAmerica => "北美洲",
            Self::Asia => "亚洲",
            Self::Europe => "欧洲",
            Self::Oceania => "大洋洲",
            Self::Other => "其他",
        }
    }

    /// Both names.
    pub const fn names(self) -> Names {
        Names { en: self.name_en(), zh: Some(self.name_zh()) }
    }

    /// Finds a region by its code.
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|region| region.code() == code)
    }
}

impl FromStr for Region {
    type Err = RegionUnknown;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::find(text).ok_or_else(|| RegionUnknown(text.to_owned()))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_reads_and_writes_as_its_code() {
        for region in Region::ALL {
            assert_eq!(region.code().parse(), Ok(region));
            let json = format!("\"{region}\"");
            assert_eq!(serde_json::to_string(&region).unwrap(), json);
            assert_eq!(serde_json::from_str::<Region>(&json).unwrap(), region);
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_list_of_codes() {
        let error = "americas".parse::<Region>().unwrap_err().to_string();
        assert!(error.contains("`americas`") && error.contains("northern-america"), "{error}");
        assert!("Africa".parse::<Region>().is_err());
    }
}

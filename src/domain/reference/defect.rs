//! Defect codes: the seed list of what inspectors find wrong. An administrator may add to it.

use super::{Names, misprint, rows};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// How grave a defect is, in the three classes that acceptance sampling has always used.
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
#[serde(rename_all = "snake_case")]
pub enum DefectClass {
    /// Endangers people, or breaks the law.
    Critical,
    /// Makes the goods unfit for their purpose, or their papers worthless.
    Major,
    /// Hardly hinders the use.
    Minor,
}

impl DefectClass {
    /// Every class, the gravest first.
    pub const ALL: [Self; 3] = [Self::Critical, Self::Major, Self::Minor];

    /// The class as sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Major => "major",
            Self::Minor => "minor",
        }
    }

    /// Finds a class by its text.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == text)
    }
}

/// A kind of defect.
#[derive(Debug, PartialEq, Eq)]
pub struct Defect {
    /// The code, kebab-case.
    pub code: &'static str,
    /// The English name.
    pub name_en: &'static str,
    /// The Chinese name.
    pub name_zh: &'static str,
    /// The usual class: a hint, the inspector decides.
    pub class: DefectClass,
}

impl Defect {
    /// Both names.
    pub const fn names(&self) -> Names {
        Names { en: self.name_en, zh: Some(self.name_zh) }
    }
}

static TABLE: LazyLock<Vec<Defect>> = LazyLock::new(|| {
    rows(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/defect.tsv")))
        .map(|[code, name_en, name_zh, class]| Defect {
            code,
            name_en,
            name_zh,
            class: DefectClass::find(class).unwrap_or_else(|| misprint("class", class)),
        })
        .collect()
});

/// Finds a defect of the seed list by its code.
///
/// ```
/// # use breeze::domain::reference::defect;
/// assert_eq!(defect::find("label-missing").map(|defect| defect.name_zh), Some("缺少标签"));
/// ```
pub fn find(code: &str) -> Option<&'static Defect> {
    TABLE.iter().find(|defect| defect.code == code)
}

/// The seed list in the order of a form: safety, fraud, labels, quality, quantity, papers, packaging.
pub fn all() -> &'static [Defect] {
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_defect_has_a_code_of_its_own_and_two_names() {
        assert_eq!(all().len(), 37);
        for defect in all() {
            assert_eq!(find(defect.code), Some(defect));
            assert!(defect.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{defect:?}");
            assert!(!defect.name_en.is_empty() && !defect.name_zh.is_ascii(), "{defect:?}");
        }
        assert_eq!(find("no-such-defect"), None);
    }

    #[test]
    fn every_class_is_used_and_reads_as_it_is_sent() {
        for class in DefectClass::ALL {
            assert!(all().iter().any(|defect| defect.class == class));
            let json = format!("\"{}\"", class.as_str());
            assert_eq!(serde_json::to_string(&class).unwrap(), json);
            assert_eq!(serde_json::from_str::<DefectClass>(&json).unwrap(), class);
        }
    }
}

//! Identifiers, each checked once and valid ever after.

use crate::domain::problem::{Code, FieldError};
use std::fmt;

/// Longest declaration number, exporter id or rule name, in bytes.
pub const LONGEST_ID: usize = 40;
/// Longest office or inspector id, in bytes.
pub const LONGEST_SHORT_ID: usize = 12;

/// Whether a text is an id of the published files: `[A-Za-z0-9._/-]{1,40}`.
pub fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._/-".contains(&b))
}

/// Whether a text is the id of an office or inspector: `[A-Za-z0-9-]{1,12}`, not of hyphens alone
/// (`-` stands for "nobody" and "no office").
pub fn is_short_id(text: &str) -> bool {
    (1..=LONGEST_SHORT_ID).contains(&text.len())
        && text.bytes().any(|b| b.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $check:ident, $rule:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Parses it, or says which rule it breaks.
            pub fn parse(text: &str) -> Result<Self, String> {
                if $check(text) { Ok(Self(text.to_owned())) } else { Err(format!("`{}` {}", text.escape_debug(), $rule)) }
            }

            /// Parses the value of a field.
            pub fn parse_field(pointer: &str, text: &str) -> Result<Self, FieldError> {
                Self::parse(text).map_err(|words| FieldError::new(pointer, Code::IdInvalid, words))
            }

            /// The text.
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str { &self.0 }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> { Self::parse(text) }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String { id.0 }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str> as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// A declaration's customs number, its natural key.
    DeclarationNumber, is_id,
    "is not a declaration number: 1 to 40 letters, digits, `.`, `_`, `/` or `-`"
);
id!(
    /// An exporter, known by being declared.
    ExporterId, is_id,
    "is not an exporter id: 1 to 40 letters, digits, `.`, `_`, `/` or `-`"
);
id!(
    /// An office that inspects.
    OfficeCode, is_short_id,
    "is not an office code: 1 to 12 letters, digits or `-`"
);
id!(
    /// An inspector of an office's roster.
    InspectorId, is_short_id,
    "is not an inspector id: 1 to 12 letters, digits or `-`"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_to_the_characters_of_the_published_files() {
        assert!(DeclarationNumber::parse("EXP-2026/0001.a_b").is_ok());
        for bad in ["", "a b", "a\tb", "号", &"x".repeat(41)] {
            assert!(DeclarationNumber::parse(bad).is_err(), "{bad:?}");
        }
        assert!(OfficeCode::parse("CNTAO").is_ok());
        for bad in ["", "-", "--", "A/B", "A.B", "ABCDEFGHIJKLM"] {
            assert!(OfficeCode::parse(bad).is_err(), "{bad:?}");
        }
    }
}

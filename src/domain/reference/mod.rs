//! Reference data: what the world agreed on, embedded, and pure look-ups over it.
//!
//! Every table is a TSV file under `data/` (its README names source, licence and rows), read once at
//! the first look-up. Texts are borrowed from the binary, so a look-up allocates nothing. An operator
//! may keep groupings and defect codes of their own; those here are the starting values.
//!
//! The files are as the audited ones are: a heading row, TAB, LF, no quoting. So no field can be
//! taken for a missing value: `NA` is Namibia.

pub mod commodity;
pub mod country;
pub mod currency;
pub mod defect;
pub mod grouping;
pub mod region;
pub mod unit;

use serde::Serialize;

/// A name in two languages; serialises as `{"en": "...", "zh": "..." | null}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
pub struct Names {
    /// English.
    pub en: &'static str,
    /// Simplified Chinese, where there is one.
    pub zh: Option<&'static str>,
}

/// The rows of an embedded table below its heading, as `N` fields each.
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().skip(1).map(|line| {
        let fields: Vec<_> = line.split('\t').collect();
        fields.try_into().unwrap_or_else(|_| misprint("row", line))
    })
}

/// A fault of an embedded table. The tests of each table read it whole, so no caller's input can
/// ever lead here; going on without the row would be worse than stopping.
fn misprint(what: &str, text: &str) -> ! {
    unreachable!("embedded reference data: `{text}` is not a valid {what}")
}

/// Finds a row by its code in a table sorted bytewise by it.
fn find_sorted<T>(
    table: &'static [T],
    code: &str,
    code_of: impl Fn(&T) -> &str,
) -> Option<&'static T> {
    let at = table.binary_search_by(|row| code_of(row).cmp(code)).ok()?;
    table.get(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_serialise_with_an_explicit_null() {
        let names = Names { en: "Silk", zh: None };
        assert_eq!(serde_json::to_string(&names).unwrap(), r#"{"en":"Silk","zh":null}"#);
    }

    #[test]
    fn empty_fields_at_the_end_of_a_row_are_kept() {
        let read: Vec<[&str; 3]> = rows("code\tfrom\tto\nNA\t\t\n").collect();
        assert_eq!(read, [["NA", "", ""]]);
    }
}

//! Commodities by the first digits of their codes.

/// The first text after all that begin with a prefix of digits: the one that ends in the next
/// character. `None` for the empty prefix, after which nothing comes.
pub(super) fn after(prefix: &str) -> Option<String> {
    let (last, head) = prefix.as_bytes().split_last()?;
    let mut after = head.to_vec();
    after.push(last.saturating_add(1));
    String::from_utf8(after).ok()
}

/// The prefixes one by one, each with what none of the others holds; a single empty list where there
/// are none, which restricts nothing.
pub(super) fn apart(prefixes: &[String]) -> Vec<Vec<String>> {
    let within =
        |prefix: &String, other: &String| other != prefix && prefix.starts_with(other.as_str());
    let outermost = prefixes.iter().filter(|one| !prefixes.iter().any(|other| within(one, other)));
    let unique: std::collections::BTreeSet<&String> = outermost.collect();
    match unique.is_empty() {
        true => vec![Vec::new()],
        false => unique.into_iter().map(|prefix| vec![prefix.clone()]).collect(),
    }
}

/// Any of the prefixes, as ranges: those an index serves on both engines, LIKE on neither.
macro_rules! any_prefix {
    ($table:ident, $prefixes:expr) => {{
        type Any = dyn BoxableExpression<
                $table::table,
                $crate::store::connection::MultiBackend,
                SqlType = diesel::sql_types::Bool,
            >;
        let range = |prefix: &String| {
            let end = $crate::store::prefix::after(prefix).unwrap_or_else(|| "\u{7f}".to_owned());
            $table::commodity_code.ge(prefix.clone()).and($table::commodity_code.lt(end))
        };
        let join = |any: Option<Box<Any>>, prefix| -> Option<Box<Any>> {
            Some(match any {
                None => Box::new(range(prefix)),
                Some(any) => Box::new(any.or(range(prefix))),
            })
        };
        $prefixes.iter().fold(None, join)
    }};
}
pub(super) use any_prefix;

#[cfg(test)]
mod tests {
    use super::{after, apart};

    #[test]
    fn prefixes_stand_apart_so_that_no_row_is_met_twice() {
        let texts =
            |prefixes: &[&str]| prefixes.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>();
        let met = apart(&texts(&["85", "6403", "8507", "85"]));
        assert_eq!(met, [texts(&["6403"]), texts(&["85"])]);
        assert_eq!(apart(&[]), [texts(&[])]);
    }

    #[test]
    fn a_range_ends_where_the_next_prefix_begins() {
        assert_eq!(after("8507").as_deref(), Some("8508"));
        assert_eq!(after("89").as_deref(), Some("8:"));
        assert_eq!(after(""), None);
    }
}

//! Commodities by the first digits of their codes.

/// Any of the prefixes. They are digits, so LIKE has nothing to escape.
macro_rules! any_prefix {
    ($table:ident, $prefixes:expr) => {{
        type Any = dyn BoxableExpression<
                $table::table,
                $crate::store::connection::MultiBackend,
                SqlType = diesel::sql_types::Bool,
            >;
        let like = |prefix: &String| $table::commodity_code.like(format!("{prefix}%"));
        let join = |any: Option<Box<Any>>, prefix| -> Option<Box<Any>> {
            Some(match any {
                None => Box::new(like(prefix)),
                Some(any) => Box::new(any.or(like(prefix))),
            })
        };
        $prefixes.iter().fold(None, join)
    }};
}
pub(super) use any_prefix;

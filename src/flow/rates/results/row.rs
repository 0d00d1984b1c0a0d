//! One row of the file, and its columns.

use chrono::NaiveDate;

/// What the file is, in its first heading.
pub(super) const VERSION: &str = "breeze/results/v1";

/// The columns; the first one holds the kind of the row.
pub(super) const COLUMNS: [&str; 13] = [
    VERSION,
    "day",
    "office",
    "region",
    "chapter",
    "selection",
    "rows",
    "u",
    "pi",
    "state",
    "drawn",
    "inspected",
    "open",
];

/// Kinds of rows.
pub(super) mod kind {
    pub(crate) const FROM: &str = "from";
    pub(crate) const TO: &str = "to";
    pub(crate) const SCOPE: &str = "scope";
    pub(crate) const CLASS: &str = "class";
    pub(crate) const FRAME: &str = "frame";
    pub(crate) const WAITING: &str = "waiting";
    pub(crate) const ITEM: &str = "item";
}

/// What `scope` says in the column `state`: all offices and regions, so that responses follow from items.
pub(super) const WHOLE: &str = "whole";
/// Some offices or regions: responses are those that the file states.
pub(super) const PART: &str = "part";

/// A row to be written; what is left out is empty.
#[derive(Default)]
pub(super) struct Row<'a> {
    pub kind: &'static str,
    pub day: Option<NaiveDate>,
    pub office: &'a str,
    pub region: &'a str,
    pub chapter: &'a str,
    pub selection: &'a str,
    pub rows: Option<u64>,
    pub u: Option<u128>,
    pub pi: Option<u64>,
    pub state: &'a str,
    pub drawn: Option<u64>,
    pub inspected: Option<u64>,
    pub open: Option<bool>,
}

impl Row<'_> {
    /// Its cells, in the order of [`COLUMNS`].
    pub(super) fn cells(&self) -> [String; COLUMNS.len()] {
        fn shown(value: Option<impl ToString>) -> String {
            value.map(|value| value.to_string()).unwrap_or_default()
        }
        [
            self.kind.into(),
            shown(self.day),
            self.office.into(),
            self.region.into(),
            self.chapter.into(),
            self.selection.into(),
            shown(self.rows),
            shown(self.u),
            shown(self.pi),
            self.state.into(),
            shown(self.drawn),
            shown(self.inspected),
            shown(self.open),
        ]
    }
}

//! The results file: what an outsider needs to recompute every rate without this program's database.
//!
//! One CSV (RFC 4180), whose first heading says what it is: `breeze/results/v1`. Every row has all
//! columns; the first one says what kind of row it is:
//!
//! | kind | what it says |
//! |---|---|
//! | `from`, `to`, `scope` | first and last day, and whether the file is `whole` or a `part` (some offices or regions) |
//! | `class` | the response its rows take, drawn and inspected, of the class or of the pool it shares; and whether results of it are `open` |
//! | `frame` | how many rows the frames hold, and u = Σ 1/π as an integer in units of 2⁻⁶⁴ |
//! | `waiting` | how many declarations are in no frame yet |
//! | `item` | one drawn declaration: its π in units of 2⁻³² and its state |
//!
//! `day` is the first one of the month: days, countries, exporters and declaration numbers are left out,
//! so that an item says nothing of whose goods it was; and rates that tell those apart, or weeks, cannot
//! be made from it. Rows are in the order of month, kind, then columns, bytewise, so that the order says
//! nothing either.

mod estimate;
mod read;
mod row;
mod write;

pub use estimate::{Question, estimate};
pub use read::{Fault, Results, read};
pub use write::{Span, write};

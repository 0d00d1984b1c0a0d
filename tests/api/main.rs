//! Users' stories over the REST interface, each on both engines.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

#[path = "../support/mod.rs"]
mod support;

mod access;
mod campaigns;
mod charts;
mod command_line;
mod comparisons;
mod declarations;
mod directives;
mod drawn;
mod draws;
mod effective;
mod entropy;
mod history;
mod hostile;
mod import_command;
mod imports;
mod inspections;
mod keys;
mod lessons;
mod offices;
mod policies;
mod rate_sums;
mod result_imports;
mod results_file;
mod risk;
mod sample_lists;
mod signals;
mod system;
mod trend_pages;
mod trends;
mod whole_loop;
mod why;
mod worlds;

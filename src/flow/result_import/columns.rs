//! The heading of a CSV of results: which column says what.

use crate::domain::imported::{COLUMNS, ImportedResultBody};
use crate::domain::problem::{FieldError, Problem};
use crate::flow::import::heading::{check, refuse_missing};
use crate::flow::import::row::{Body, Columns};
use std::borrow::Cow;

/// The columns of a file.
#[derive(Clone, Debug)]
pub struct ResultColumns(Vec<String>);

impl Body for ImportedResultBody {
    type Heading = ResultColumns;

    fn number(&self) -> Option<&str> {
        self.declaration_number.as_deref()
    }
}

impl ResultColumns {
    /// The cell of a column; an empty one is an absent field.
    fn cell(&self, cells: &[Cow<'_, str>], column: &str) -> Option<String> {
        let at = self.0.iter().position(|name| name == column)?;
        cells.get(at).filter(|cell| !cell.is_empty()).map(ToString::to_string)
    }
}

impl Columns<ImportedResultBody> for ResultColumns {
    fn parse(names: Vec<String>) -> Result<Self, Problem> {
        check(&names, &COLUMNS, &["declaration_number", "outcome"], "a result")?;
        let has = |column: &str| names.iter().any(|name| name == column);
        let mut missing = Vec::new();
        if !has("declaration_number") {
            missing.push("declaration_number");
        }
        if !has("outcome") && !has("fails") {
            missing.push("outcome");
        }
        refuse_missing(missing)?;
        Ok(Self(names))
    }

    fn names(&self) -> &[String] {
        &self.0
    }

    fn body(&self, cells: &[Cow<'_, str>]) -> (ImportedResultBody, Vec<FieldError>) {
        let text = |column| self.cell(cells, column);
        let body = ImportedResultBody {
            declaration_number: text("declaration_number"),
            outcome: text("outcome"),
            fails: text("fails"),
            inspected_at: text("inspected_at"),
            selection: text("selection"),
            probability: text("probability"),
            severity: text("severity"),
            inspector: text("inspector"),
        };
        (body, Vec::new())
    }

    fn number(&self, cells: &[Cow<'_, str>]) -> Option<String> {
        self.cell(cells, "declaration_number")
    }
}

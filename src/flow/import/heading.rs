//! The heading of a CSV of declarations: which column says what.

use super::row::{Body, Columns};
use crate::domain::declaration::{DeclarationBody, MoneyBody};
use crate::domain::import::{COLUMNS, NEEDED};
use crate::domain::problem::{Code, FieldError, Problem};
use std::borrow::Cow;

/// The columns of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Their names in order.
    pub names: Vec<String>,
    places: Places,
    /// Whether the file is the answer to an import, mended: its cells were made harmless.
    harmless: bool,
}

/// Where the known columns stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Places {
    declaration_number: Option<usize>,
    office: Option<usize>,
    exporter_id: Option<usize>,
    exporter_name: Option<usize>,
    consignment: Option<usize>,
    destination_country: Option<usize>,
    commodity_code: Option<usize>,
    description: Option<usize>,
    quantity: Option<usize>,
    unit: Option<usize>,
    packages: Option<usize>,
    net_weight_kg: Option<usize>,
    gross_weight_kg: Option<usize>,
    value: Option<usize>,
    currency: Option<usize>,
    location: Option<usize>,
    declared_at: Option<usize>,
}

/// The column that an outcome file has and no other file should.
pub const ROW: &str = "_row";

/// Refuses names of columns that a file of its kind, such as `a declaration`, has not: none that is
/// known, doubled ones, unknown ones. Those that begin with `_` are passed over.
///
/// # Errors
/// [`Code::ColumnMissing`] when no column at all is named; [`Code::ColumnDoubled`],
/// [`Code::UnknownField`], each with all the columns at fault.
pub fn check(names: &[String], known: &[&str], needed: &[&str], kind: &str) -> Result<(), Problem> {
    if !names.iter().any(|name| known.contains(&name.as_str())) {
        let words = format!(
            "the first line must name the columns: {}, separated by commas",
            needed.join(", ")
        );
        return Err(Problem::new(Code::ColumnMissing, words));
    }
    let own = || names.iter().filter(|name| !name.starts_with('_'));
    let doubled: Vec<&str> =
        own().filter(|name| own().filter(|n| n == name).count() > 1).map(|n| &**n).collect();
    refuse(Code::ColumnDoubled, ["stands twice", "stand twice"], "in the first line", doubled)?;
    let unknown = own().map(|n| &**n).filter(|name| !known.contains(name)).collect();
    let verbs = ["is no column", "are no columns"];
    refuse(Code::UnknownField, verbs, &format!("of {kind}"), unknown)
}

/// Refuses a heading without columns that are needed.
///
/// # Errors
/// [`Code::ColumnMissing`] with all of them.
pub fn refuse_missing(missing: Vec<&str>) -> Result<(), Problem> {
    refuse(Code::ColumnMissing, ["is missing", "are missing"], "in the first line", missing)
}

impl Body for DeclarationBody {
    type Heading = Heading;

    fn number(&self) -> Option<&str> {
        self.declaration_number.as_deref()
    }
}

impl Columns<DeclarationBody> for Heading {
    fn parse(names: Vec<String>) -> Result<Self, Problem> {
        check(&names, &COLUMNS, &NEEDED, "a declaration")?;
        let at = |column: &str| names.iter().position(|name| name == column);
        let mut missing: Vec<&str> = NEEDED.into_iter().filter(|c| at(c).is_none()).collect();
        match (at("value"), at("currency")) {
            (Some(_), None) => missing.push("currency"),
            (None, Some(_)) => missing.push("value"),
            _ => {}
        }
        refuse_missing(missing)?;
        let places = Places {
            declaration_number: at("declaration_number"),
            office: at("office"),
            exporter_id: at("exporter_id"),
            exporter_name: at("exporter_name"),
            consignment: at("consignment"),
            destination_country: at("destination_country"),
            commodity_code: at("commodity_code"),
            description: at("description"),
            quantity: at("quantity"),
            unit: at("unit"),
            packages: at("packages"),
            net_weight_kg: at("net_weight_kg"),
            gross_weight_kg: at("gross_weight_kg"),
            value: at("value"),
            currency: at("currency"),
            location: at("location"),
            declared_at: at("declared_at"),
        };
        let harmless = names.iter().any(|name| name == ROW);
        Ok(Self { names, places, harmless })
    }

    fn names(&self) -> &[String] {
        &self.names
    }

    /// An empty cell is an absent field. A value needs its currency and a currency its value.
    fn body(&self, cells: &[Cow<'_, str>]) -> (DeclarationBody, Vec<FieldError>) {
        let places = &self.places;
        let mut errors = Vec::new();
        let text = |place: Option<usize>| {
            let cell = place.and_then(|at| cells.get(at)).map(|cell| &**cell);
            cell.map(|cell| if self.harmless { restored(cell) } else { cell })
                .filter(|cell| !cell.is_empty())
                .map(str::to_owned)
        };
        let packages = text(places.packages).and_then(|text| {
            let words = || format!("`{}` is no whole number", text.escape_debug());
            let number = text.parse().map_err(|_| ("/packages", Code::WrongType, words()));
            number.map_err(|(at, code, words)| errors.push(FieldError::new(at, code, words))).ok()
        });
        let value = money(text(places.value), text(places.currency), &mut errors);
        let body = DeclarationBody {
            declaration_number: text(places.declaration_number),
            office: text(places.office),
            exporter_id: text(places.exporter_id),
            exporter_name: text(places.exporter_name),
            consignment: text(places.consignment),
            destination_country: text(places.destination_country),
            commodity_code: text(places.commodity_code),
            description: text(places.description),
            quantity: text(places.quantity),
            unit: text(places.unit),
            packages,
            net_weight_kg: text(places.net_weight_kg),
            gross_weight_kg: text(places.gross_weight_kg),
            value,
            location: text(places.location),
            declared_at: text(places.declared_at),
        };
        (body, errors)
    }

    fn number(&self, cells: &[Cow<'_, str>]) -> Option<String> {
        self.places.declaration_number.and_then(|at| cells.get(at)).map(ToString::to_string)
    }
}

/// Refuses columns, each named once. The verb is that of one column, and that of many.
fn refuse(code: Code, verb: [&str; 2], of: &str, columns: Vec<&str>) -> Result<(), Problem> {
    let mut each: Vec<&str> = Vec::new();
    for column in columns {
        if !each.contains(&column) {
            each.push(column);
        }
    }
    let [one, many] = verb;
    let names: Vec<_> = each.iter().map(|column| shown(column)).collect();
    let detail = match names.as_slice() {
        [] => return Ok(()),
        [name] => format!("{name} {one} {of}"),
        names => format!("{} {many} {of}", names.join(", ")),
    };
    let errors = each
        .iter()
        .map(|column| {
            let words = format!("{} {one} {of}", shown(column));
            FieldError::new(format!("/{}", cut(column)), code, words)
        })
        .collect();
    Err(Problem { code, detail, errors })
}

/// A column in words; one without a name is often a comma too many.
fn shown(name: &str) -> String {
    match name.is_empty() {
        true => "a column without a name".into(),
        false => format!("`{}`", printable(&cut(name))),
    }
}

/// A text on one line. Marks stay as they are: whoever prints the words escapes them once more.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// As much of a name as fits into a message.
fn cut(name: &str) -> String {
    name.chars().take(60).collect()
}

fn money(
    amount: Option<String>,
    currency: Option<String>,
    errors: &mut Vec<FieldError>,
) -> Option<MoneyBody> {
    let mut missing = |at, words| errors.push(FieldError::new(at, Code::Required, words));
    match (amount, currency) {
        (Some(amount), Some(currency)) => Some(MoneyBody { amount, currency }),
        (Some(_), None) => {
            missing("/value/currency", "`value` stands without a `currency`");
            None
        }
        (None, Some(_)) => {
            missing("/value/amount", "`currency` stands without a `value`: leave both empty");
            None
        }
        (None, None) => None,
    }
}

/// Whether a spreadsheet could take a cell for a formula, or a cell looks like one that was made
/// harmless.
fn is_formula(cell: &str) -> bool {
    const FIRST: [char; 11] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'];
    cell.trim_start_matches('\'').starts_with(FIRST)
}

/// A cell that no spreadsheet takes for a formula; [`restored`] gives back what it was.
pub fn harmless(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { format!("'{cell}").into() } else { cell.into() }
}

/// The cell that was made harmless.
pub fn restored(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(line: &str) -> Result<Heading, Problem> {
        Heading::parse(line.split(',').map(str::to_owned).collect())
    }

    const ALL: &str = "declaration_number,office,exporter_id,destination_country,commodity_code,quantity,unit,declared_at";

    #[test]
    fn every_missing_column_is_named() {
        let problem = heading("office,quantity,value").unwrap_err();
        assert_eq!(problem.code, Code::ColumnMissing);
        let pointers: Vec<_> = problem.errors.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            [
                "/declaration_number",
                "/exporter_id",
                "/destination_country",
                "/commodity_code",
                "/unit",
                "/declared_at",
                "/currency"
            ]
        );
    }

    #[test]
    fn the_words_fit_one_column_and_many_and_name_each_once() {
        let words = |line: String| heading(&line).unwrap_err().detail;
        assert_eq!(
            words(format!("{ALL},office,unit,office")),
            "`office`, `unit` stand twice in the first line"
        );
        assert_eq!(words(format!("{ALL},office")), "`office` stands twice in the first line");
        assert_eq!(words(format!("{ALL},\"a\\b")), "`\"a\\b` is no column of a declaration");
        assert_eq!(
            words(format!("{ALL},")),
            "a column without a name is no column of a declaration"
        );
        assert_eq!(words(ALL.replace(",unit", "")), "`unit` is missing in the first line");
    }

    #[test]
    fn a_first_line_that_names_no_column_is_told_what_it_must_name() {
        for line in ["E-1,CNTAO,X", "declaration_number;office;exporter_id", ""] {
            let problem = heading(line).unwrap_err();
            assert_eq!((problem.code, problem.errors.len()), (Code::ColumnMissing, 0));
            assert_eq!(
                problem.detail,
                "the first line must name the columns: declaration_number, office, exporter_id, \
                 destination_country, commodity_code, quantity, unit, declared_at, separated by commas"
            );
        }
    }

    #[test]
    fn doubled_and_unknown_columns_are_refused_and_those_with_an_underscore_passed_over() {
        let code = |line: String| heading(&line).unwrap_err().code;
        assert_eq!(code(format!("{ALL},office")), Code::ColumnDoubled);
        assert_eq!(code(format!("{ALL},colour")), Code::UnknownField);
        assert_eq!(code(format!("{ALL},")), Code::UnknownField);
        assert!(heading(&format!("_note,{ALL},_note")).is_ok());
    }

    #[test]
    fn value_and_currency_stand_together_or_not_at_all() {
        let heading = heading(&format!("value,currency,{ALL}")).unwrap();
        let errors = |value, currency| {
            let cells = [Cow::Borrowed(value), Cow::Borrowed(currency)];
            let errors = heading.body(&cells).1;
            errors.into_iter().map(|error| (error.pointer, error.code)).collect::<Vec<_>>()
        };
        assert_eq!(errors("", ""), []);
        assert_eq!(errors("1", "CNY"), []);
        assert_eq!(errors("1", ""), [("/value/currency".into(), Code::Required)]);
        assert_eq!(errors("", "CNY"), [("/value/amount".into(), Code::Required)]);
    }

    #[test]
    fn a_harmless_cell_can_be_restored() {
        for cell in ["=1+1", "-5", "'=x", "''=x", "plain", "'quoted'", "@a", "\tx", ""] {
            assert_eq!(restored(&harmless(cell)), cell, "{cell}");
        }
        assert_eq!(harmless("=1+1"), "'=1+1");
    }
}

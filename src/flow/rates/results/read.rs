//! Read a results file; nothing is taken on trust that the file itself can show.

use super::super::parts::{Part, Parts};
use super::super::responses::{ClassCounts, ClassKey, ClassState, Classes, Responses};
use super::row::{COLUMNS, PART, VERSION, WHOLE, kind};
use crate::domain::draw::Selection;
use crate::domain::id::OfficeCode;
use crate::domain::inspection::ItemState;
use crate::domain::period::PeriodKind;
use crate::domain::reference::region::Region;
use crate::statistics::{CERTAINTY, Response, Tally};
use crate::store::rates::Place;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

/// What is wrong with a file; rows count from 1, the heading.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A cell says what it cannot.
    #[error("row {row}, column `{column}`: {what}")]
    Cell {
        /// Its row.
        row: u64,
        /// The heading of its column.
        column: &'static str,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// A row does not fit those before it.
    #[error("row {row}: {what}")]
    Row {
        /// The row.
        row: u64,
        /// What is wrong.
        what: String,
    },
    /// The file as a whole.
    #[error("{0}")]
    File(String),
}

/// What a file holds.
#[derive(Debug)]
pub struct Results {
    /// First and last day; whole months.
    pub days: (NaiveDate, NaiveDate),
    /// Whether it holds all offices and regions, so that its responses were recomputed from its items.
    pub is_whole: bool,
    /// Frames, waiting declarations and items by place.
    pub parts: Parts,
    /// The response of each class.
    pub responses: Responses,
}

/// Most rows a cell may count: far more than anybody declares, far less than overflows.
const MOST: u64 = 1_000_000_000_000;

/// Reads a file.
///
/// # Errors
/// The first fault, with row and column.
pub fn read(source: impl Read) -> Result<Results, Fault> {
    let mut file = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source);
    let (mut record, mut number) = (csv::ByteRecord::new(), 0);
    let mut reading = Reading::default();
    loop {
        let unread = |error: csv::Error| Fault::File(format!("after row {number}: {error}"));
        if !file.read_byte_record(&mut record).map_err(unread)? {
            break;
        }
        number += 1;
        match number {
            1 => heading(&record)?,
            _ => reading.row(&Line::new(number, &record)?)?,
        }
    }
    if number == 0 {
        return Err(Fault::File(format!("the file is empty: it begins with `{VERSION}`")));
    }
    reading.finish()
}

fn heading(record: &csv::ByteRecord) -> Result<(), Fault> {
    let cell = |what: String, column| Fault::Cell { row: 1, column, what };
    let own = |at: usize| String::from_utf8_lossy(record.get(at).unwrap_or_default()).into_owned();
    let first = own(0);
    if first != VERSION {
        let shown = first.chars().take(40).collect::<String>();
        let what = match first.starts_with("breeze/results/") {
            true => format!(
                "version `{}` is not known: this program reads {VERSION}",
                shown.escape_debug()
            ),
            false => format!(
                "`{}` begins no results file: it begins with {VERSION}",
                shown.escape_debug()
            ),
        };
        return Err(cell(what, VERSION));
    }
    for (at, column) in COLUMNS.into_iter().enumerate() {
        if own(at) != column {
            return Err(cell(format!("the heading is `{}`", own(at).escape_debug()), column));
        }
    }
    match record.len() == COLUMNS.len() {
        true => Ok(()),
        false => {
            Err(Fault::Row { row: 1, what: format!("{VERSION} has {} columns", COLUMNS.len()) })
        }
    }
}

/// A row with its number.
struct Line<'r> {
    number: u64,
    cells: [&'r str; COLUMNS.len()],
}

impl<'r> Line<'r> {
    fn new(number: u64, record: &'r csv::ByteRecord) -> Result<Self, Fault> {
        if record.len() != COLUMNS.len() {
            let (found, due) = (record.len(), COLUMNS.len());
            let what = match found < due {
                true => format!("{found} cells of {due}: the file may be cut off; fetch it again"),
                false => format!("{found} cells where there are {due}"),
            };
            return Err(Fault::Row { row: number, what });
        }
        let mut cells = [""; COLUMNS.len()];
        for ((cell, bytes), column) in cells.iter_mut().zip(record).zip(COLUMNS) {
            let broken = |_| Fault::Cell { row: number, column, what: "no UTF-8".into() };
            *cell = std::str::from_utf8(bytes).map_err(broken)?;
        }
        Ok(Self { number, cells })
    }

    fn text(&self, column: &str) -> &'r str {
        let mut named = COLUMNS.iter().zip(self.cells).filter(|(own, _)| **own == column);
        named.next().map_or("", |(_, cell)| cell)
    }

    fn fault(&self, column: &'static str, rule: &str) -> Fault {
        let shown = self.text(column).chars().take(40).collect::<String>();
        let what = format!("`{}` is {rule}", shown.escape_debug());
        Fault::Cell { row: self.number, column, what }
    }

    fn wrong(&self, what: impl Into<String>) -> Fault {
        Fault::Row { row: self.number, what: what.into() }
    }

    /// Digits alone: neither a sign nor blanks.
    fn number<T: std::str::FromStr>(&self, column: &'static str, rule: &str) -> Result<T, Fault> {
        let text = self.text(column);
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten();
        number.ok_or_else(|| self.fault(column, rule))
    }

    fn count(&self, column: &'static str) -> Result<u64, Fault> {
        let rule = "no count of rows, 0 to 10¹²";
        let count = self.number(column, rule)?;
        (count <= MOST).then_some(count).ok_or_else(|| self.fault(column, rule))
    }

    fn day(&self) -> Result<NaiveDate, Fault> {
        let day = self.text("day");
        let plain = day.len() == 10 && !day.contains([' ', '+']);
        let read = plain.then(|| day.parse().ok()).flatten();
        read.ok_or_else(|| self.fault("day", "no day such as 2026-01-01"))
    }

    fn month(&self, days: (NaiveDate, NaiveDate)) -> Result<NaiveDate, Fault> {
        let day = self.day()?;
        if PeriodKind::Month.of(day).first() != day {
            return Err(self.fault("day", "not the first day of a month"));
        }
        let inside = (days.0..=days.1).contains(&day);
        inside.then_some(day).ok_or_else(|| self.fault("day", "outside the file's `from` and `to`"))
    }

    fn class(&self, days: (NaiveDate, NaiveDate)) -> Result<ClassKey, Fault> {
        let day = self.month(days)?;
        let (office, region) = (self.text("office"), self.text("region"));
        OfficeCode::parse(office).map_err(|_| self.fault("office", "no code of an office"))?;
        if Region::find(region).is_none() {
            let known = Region::ALL.map(Region::code).join(", ");
            return Err(self.fault("region", &format!("none of {known}")));
        }
        Ok((day, office.to_owned(), region.to_owned()))
    }

    fn place(
        &self,
        days: (NaiveDate, NaiveDate),
        selection: Option<Selection>,
    ) -> Result<Place, Fault> {
        let (day, office, region) = self.class(days)?;
        let chapter = self.text("chapter");
        if !(1..=2).contains(&chapter.len()) || !chapter.bytes().all(|b| b.is_ascii_digit()) {
            return Err(self.fault("chapter", "no chapter of two digits"));
        }
        let (country, exporter) = (String::new(), String::new());
        Ok(Place { day, office, region, country, commodity: chapter.into(), exporter, selection })
    }

    fn selection(&self) -> Result<Selection, Fault> {
        let found = Selection::find(self.text("selection"));
        found.ok_or_else(|| self.fault("selection", "neither random nor directive"))
    }
}

/// What the file says of a class, and where.
struct Stated {
    row: u64,
    response: Response,
    open: bool,
}

#[derive(Default)]
struct Reading {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    is_whole: Option<bool>,
    classes: BTreeMap<ClassKey, Stated>,
    framed: BTreeSet<Place>,
    parts: Parts,
    counted: Classes,
}

impl Reading {
    fn row(&mut self, line: &Line<'_>) -> Result<(), Fault> {
        match (line.text(VERSION), self.from, self.to, self.is_whole) {
            (kind::FROM, None, None, None) => self.begin(line),
            (kind::TO, Some(from), None, None) => self.end(line, from),
            (kind::SCOPE, Some(_), Some(_), None) => self.scope(line),
            (kind, Some(from), Some(to), Some(_)) => self.data(line, kind, (from, to)),
            _ => Err(line.wrong("the rows `from`, `to` and `scope` come first, each once")),
        }
    }

    fn begin(&mut self, line: &Line<'_>) -> Result<(), Fault> {
        let day = line.day()?;
        if PeriodKind::Month.of(day).first() != day {
            return Err(line.fault("day", "not the first day of a month"));
        }
        self.from = Some(day);
        Ok(())
    }

    fn end(&mut self, line: &Line<'_>, from: NaiveDate) -> Result<(), Fault> {
        let day = line.day()?;
        if PeriodKind::Month.of(day).last() != day || day < from {
            return Err(line.fault("day", "not the last day of a month from `from` on"));
        }
        self.to = Some(day);
        Ok(())
    }

    fn scope(&mut self, line: &Line<'_>) -> Result<(), Fault> {
        self.is_whole = match line.text("state") {
            WHOLE => Some(true),
            PART => Some(false),
            _ => return Err(line.fault("state", "neither whole nor part")),
        };
        Ok(())
    }

    fn data(
        &mut self,
        line: &Line<'_>,
        kind: &str,
        days: (NaiveDate, NaiveDate),
    ) -> Result<(), Fault> {
        match kind {
            kind::CLASS => self.class(line, days),
            kind::FRAME => self.frame(line, days),
            kind::WAITING => self.waiting(line, days),
            kind::ITEM => self.item(line, days),
            _ => Err(line.fault(VERSION, "none of class, frame, waiting, item")),
        }
    }

    fn class(&mut self, line: &Line<'_>, days: (NaiveDate, NaiveDate)) -> Result<(), Fault> {
        let key = line.class(days)?;
        let response = Response::new(line.count("drawn")?, line.count("inspected")?);
        let response =
            response.map_err(|error| line.fault("inspected", &format!("too many: {error}")))?;
        let open = match line.text("open") {
            "true" => true,
            "false" => false,
            _ => return Err(line.fault("open", "neither true nor false")),
        };
        let stated = Stated { row: line.number, response, open };
        match self.classes.insert(key.clone(), stated) {
            None => Ok(()),
            Some(first) => {
                Err(line.wrong(format!("the class of row {} stands here again", first.row)))
            }
        }
    }

    fn frame(&mut self, line: &Line<'_>, days: (NaiveDate, NaiveDate)) -> Result<(), Fault> {
        let place = line.place(days, Some(line.selection()?))?;
        self.known(line, &place)?;
        if !self.framed.insert(place.clone()) {
            return Err(line.wrong("this frame stands in a row before it"));
        }
        let rows = line.count("rows")?;
        let u: u128 = line.number("u", "no sum of weights in units of 2⁻⁶⁴")?;
        let (least, most) =
            (u128::from(rows) << 64, (u128::from(rows) << 64).saturating_mul(1 << 32));
        if !(least..=most).contains(&u) {
            return Err(line
                .fault("u", "no sum of weights between 1 and 2³² for each row, in units of 2⁻⁶⁴"));
        }
        self.counted.entry(class_of(&place)).or_default();
        let tally = Tally { rows, u, ..Tally::default() };
        *self.parts.entry(place).or_default() += Part { tally, ..Part::default() };
        Ok(())
    }

    fn waiting(&mut self, line: &Line<'_>, days: (NaiveDate, NaiveDate)) -> Result<(), Fault> {
        let place = line.place(days, None)?;
        let mut part = Part::default();
        part.counts.waiting = line.count("rows")?;
        match self.parts.insert(place, part) {
            None => Ok(()),
            Some(_) => Err(line.wrong("what waits there stands in a row before it")),
        }
    }

    fn item(&mut self, line: &Line<'_>, days: (NaiveDate, NaiveDate)) -> Result<(), Fault> {
        let selection = line.selection()?;
        let place = line.place(days, Some(selection))?;
        self.known(line, &place)?;
        let rule = format!("no chance of 1 to {CERTAINTY}, in units of 2⁻³²");
        let pi = line.number("pi", &rule)?;
        let state = ItemState::find(line.text("state"))
            .ok_or_else(|| line.fault("state", "none of passed, failed, not_inspected, open"))?;
        let item =
            Part::of_item(pi, Some(selection), state).map_err(|_| line.fault("pi", &rule))?;
        let class = self.counted.entry(class_of(&place)).or_default();
        class.drawn += 1;
        class.inspected += item.tally.n;
        class.open += item.counts.open;
        let part = self.parts.entry(place).or_default();
        *part += item;
        if part.counts.drawn > part.tally.rows {
            let what = format!("more are drawn than the {} of its frame", part.tally.rows);
            return Err(line.wrong(what));
        }
        Ok(())
    }

    /// Everything that is drawn from belongs to a class that the file states before.
    fn known(&self, line: &Line<'_>, place: &Place) -> Result<(), Fault> {
        match self.classes.contains_key(&class_of(place)) {
            true => Ok(()),
            false => Err(line.wrong("no row `class` before it has this month, office and region")),
        }
    }

    fn finish(self) -> Result<Results, Fault> {
        let (Some(from), Some(to), Some(is_whole)) = (self.from, self.to, self.is_whole) else {
            return Err(Fault::File(
                "the file ends before its rows `from`, `to` and `scope`".into(),
            ));
        };
        let states = self.classes.iter().map(|(key, stated)| (key.clone(), state(stated)));
        let stated = Responses::stated(states);
        match is_whole {
            true => self.recomputed(&stated)?,
            false => self.possible()?,
        }
        Ok(Results { days: (from, to), is_whole, parts: self.parts, responses: stated })
    }

    /// Of a whole file every response follows from the items.
    fn recomputed(&self, stated: &Responses) -> Result<(), Fault> {
        let mut counted = self.counted.clone();
        for key in self.classes.keys() {
            counted.entry(key.clone()).or_default();
        }
        let broken = |error: crate::error::Error| Fault::File(error.to_string());
        let recomputed = Responses::of(&counted).map_err(broken)?;
        for (key, class) in &self.classes {
            let (own, said) = (recomputed.class(key), stated.class(key));
            if (own.factor, own.open) != (said.factor, said.open) {
                let (drawn, inspected) =
                    own.response.map_or((0, 0), |r| (r.drawn(), r.inspected()));
                let what = format!(
                    "the items say {drawn} drawn, {inspected} inspected, open {}; the row says otherwise",
                    own.open
                );
                return Err(Fault::Row { row: class.row, what });
            }
        }
        Ok(())
    }

    /// Of a part they are taken as stated; the items must fit into them.
    fn possible(&self) -> Result<(), Fault> {
        for (key, class) in &self.classes {
            let own = self.counted.get(key).copied().unwrap_or_default();
            let ClassCounts { drawn, inspected, open } = own;
            let response = class.response;
            let nothing = inspected == 0 && response.inspected() == 0;
            let fits = drawn <= response.drawn() && inspected <= response.inspected();
            if !(nothing || fits) || (open > 0 && !class.open) {
                let what = format!(
                    "more items are drawn ({drawn}), inspected ({inspected}) or open ({open}) than it says"
                );
                return Err(Fault::Row { row: class.row, what });
            }
        }
        Ok(())
    }
}

fn class_of(place: &Place) -> ClassKey {
    (place.day, place.office.clone(), place.region.clone())
}

fn state(stated: &Stated) -> ClassState {
    let Stated { response, open, .. } = stated;
    ClassState { factor: response.factor(), response: Some(*response), open: *open }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "breeze/results/v1,day,office,region,chapter,selection,rows,u,pi,state,drawn,inspected,open\n\
        from,2026-01-01,,,,,,,,,,,\nto,2026-01-31,,,,,,,,,,,\nscope,,,,,,,,,whole,,,\n\
        class,2026-01-01,CNTAO,africa,,,,,,,2,2,false\n\
        frame,2026-01-01,CNTAO,africa,85,random,4,147573952589676412928,,,,,\n\
        item,2026-01-01,CNTAO,africa,85,random,,,2147483648,failed,,,\n\
        item,2026-01-01,CNTAO,africa,85,random,,,2147483648,passed,,,\n";

    fn fault(text: &str) -> String {
        read(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_good_file_adds_up() {
        let results = read(GOOD.as_bytes()).unwrap();
        assert!(results.is_whole);
        let (_, part) = results.parts.iter().next().unwrap();
        let sums = part.tally.sums();
        assert_eq!((sums.n, sums.failed, sums.rows), (2, 1, 4));
        assert_eq!((sums.w, sums.wy, sums.u), (4.0, 2.0, 8.0));
    }

    #[test]
    fn a_bad_file_is_refused_with_row_and_column() {
        let changed = |from: &str, to: &str| {
            assert!(GOOD.contains(from), "{from}");
            fault(&GOOD.replacen(from, to, 1))
        };
        for (from, to, words) in [
            (
                "/v1,",
                "/v2,",
                "row 1, column `breeze/results/v1`: version `breeze/results/v2` is not known",
            ),
            ("breeze/results/v1", "name", "`name` begins no results file"),
            ("chapter", "hs2", "row 1, column `chapter`: the heading is `hs2`"),
            ("from,2026", "class,2026", "row 2: the rows `from`, `to` and `scope` come first"),
            ("2026-01-31", "2026-01-30", "row 3, column `day`: `2026-01-30` is not the last day"),
            ("whole", "half", "row 4, column `state`: `half` is neither whole nor part"),
            (
                "2,2,false",
                "2,3,false",
                "row 5, column `inspected`: `3` is too many: 3 inspected of 2 drawn",
            ),
            ("2,2,false", "2,1,false", "row 5: the items say 2 drawn, 2 inspected"),
            ("2,2,false", "2,2,true", "row 5: the items say 2 drawn, 2 inspected, open false"),
            ("2,2,false", "2,2,no", "row 5, column `open`"),
            (
                "class,2026-01-01,CNTAO,africa",
                "class,2026-01-01,CNTAO,mars",
                "row 5, column `region`: `mars`",
            ),
            (
                "frame,2026-01-01",
                "frame,2026-02-01",
                "row 6, column `day`: `2026-02-01` is outside",
            ),
            ("africa,85,random,4", "asia,85,random,4", "row 6: no row `class` before it"),
            ("random,4,147", "random,9,147", "row 6, column `u`"),
            ("random,4,", "random,-4,", "row 6, column `rows`: `-4`"),
            ("85,random,,", "851,random,,", "row 7, column `chapter`"),
            (
                "random,,,2147483648",
                "random,,,0",
                "row 7, column `pi`: `0` is no chance of 1 to 4294967296",
            ),
            ("random,,,2147483648", "random,,,4294967297", "row 7, column `pi`"),
            ("failed", "unsure", "row 7, column `state`: `unsure` is none of"),
            (
                "random,4,147573952589676412928",
                "random,1,36893488147419103232",
                "row 8: more are drawn than the 1",
            ),
            ("passed,,,", "passed,,", "row 8: 12 cells of 13: the file may be cut off"),
            ("item,", "thing,", "row 7, column `breeze/results/v1`: `thing` is none of"),
        ] {
            let said = changed(from, to);
            assert!(said.contains(words), "{from} → {to}: {said}");
        }
        assert!(fault("").contains("empty"));
        let head = GOOD.lines().take(3).map(|line| format!("{line}\n")).collect::<String>();
        assert!(fault(&head).contains("ends before"));
        let mut broken = GOOD.as_bytes().to_vec();
        let at = GOOD.find("failed").unwrap();
        broken[at] = 0xff;
        let said = read(broken.as_slice()).unwrap_err().to_string();
        assert_eq!(said, "row 7, column `state`: no UTF-8");
        let again = format!("{GOOD}{}\n", GOOD.lines().nth(5).unwrap());
        assert!(fault(&again).contains("row 9: this frame stands in a row before it"));
    }

    #[test]
    fn a_part_takes_the_responses_it_states_if_its_items_fit() {
        let part = GOOD.replace("whole", "part").replace("2,2,false", "9,6,true");
        let results = read(part.as_bytes()).unwrap();
        let class = results.responses.iter().next().unwrap().1;
        assert_eq!((class.factor, class.open), (Some(1.5), true));
        let few = GOOD.replace("whole", "part").replace("2,2,false", "9,1,true");
        assert!(fault(&few).contains("row 5: more items"));
    }
}

//! Write the results file, a month at a time, all of it as of one moment.

use super::super::ask::{Ask, Filters, Words};
use super::super::parts::Parts;
use super::super::responses::Responses;
use super::super::{kept, narrowed, offices, responses, waiting};
use super::row::{COLUMNS, PART, Row, WHOLE, kind};
use crate::domain::key::Caller;
use crate::domain::office::Office;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::problem::{Code, Problem};
use crate::error::{Error, Result};
use crate::store::rates::{Detail, DrawnRow, Filter};
use crate::store::sums::View;
use crate::store::{self, Conn, Store};
use csv::{Terminator, Writer, WriterBuilder};
use std::collections::BTreeMap;
use std::io::Write;

/// Most months of a file.
const MOST_MONTHS: usize = 240;

/// Which file: whole months, offices, regions.
#[derive(Clone, Debug)]
pub struct Span(Ask);

impl Span {
    /// Reads a request. The days are widened to whole months, as response classes are.
    ///
    /// # Errors
    /// [`Code::QuestionImpossible`] for days, offices and regions that are none, or too many months.
    pub fn parse(
        from: &str,
        to: &str,
        office: &[String],
        region: &[String],
    ) -> Result<Self, Problem> {
        let filters =
            Filters { office: office.into(), region: region.into(), ..Filters::default() };
        let (from, to) = (from.to_owned(), to.to_owned());
        let period = PeriodKind::Month.as_str().to_owned();
        let words = Words { period, from, to, filters, ..Words::default() };
        let mut ask = Ask::parse(&words)?;
        let month = |day| PeriodKind::Month.of(day);
        ask.days = (month(ask.days.0).first(), month(ask.days.1).last());
        let months = Period::covering(PeriodKind::Month, ask.days).take(MOST_MONTHS + 1).count();
        if months > MOST_MONTHS {
            let words = format!("from, to: a results file holds at most {MOST_MONTHS} months");
            return Err(Problem::new(Code::QuestionImpossible, words));
        }
        Ok(Self(ask))
    }
}

/// Writes the file: of the caller's offices only, though responses are those of classes pooled over all.
///
/// # Errors
/// Not found for an office that is unknown or foreign; those of the database and of `out`.
pub fn write(store: &Store, caller: &Caller, span: &Span, out: impl Write) -> Result<()> {
    store.snapshot(|conn| {
        let offices = offices(conn, caller, &span.0)?;
        let filter = span.0.filter(narrowed(caller, &span.0, &offices));
        let file = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
        let mut file = File(file);
        file.head(&filter)?;
        for month in Period::covering(PeriodKind::Month, filter.days) {
            let page = Filter { days: (month.first(), month.last()), ..filter.clone() };
            file.month(conn, month, &page, &offices)?;
        }
        Ok(file.0.flush()?)
    })
}

struct File<W: Write>(Writer<W>);

impl<W: Write> File<W> {
    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        self.record(&row.cells())
    }

    fn record<'c>(
        &mut self,
        cells: impl IntoIterator<Item = &'c (impl AsRef<[u8]> + 'c)>,
    ) -> Result<()> {
        self.0.write_record(cells).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            other => Error::inner(format!("{other:?}")),
        })
    }

    fn head(&mut self, filter: &Filter) -> Result<()> {
        self.record(&COLUMNS)?;
        self.row(&Row { kind: kind::FROM, day: Some(filter.days.0), ..Row::default() })?;
        self.row(&Row { kind: kind::TO, day: Some(filter.days.1), ..Row::default() })?;
        let whole = filter.offices.is_none() && filter.regions.is_empty();
        let state = if whole { WHOLE } else { PART };
        self.row(&Row { kind: kind::SCOPE, state, ..Row::default() })
    }

    fn month(
        &mut self,
        conn: &mut Conn,
        month: Period,
        page: &Filter,
        offices: &[Office],
    ) -> Result<()> {
        self.classes(&responses(conn, page.days)?, page)?;
        let cells = store::sums::of_view(conn, View::Chapter, page)?;
        self.frames(&cells.into_iter().map(kept::read).collect::<Result<Parts>>()?)?;
        self.waiting(month, &waiting(conn, offices, page, Detail::Goods)?)?;
        self.items(month, store::rates::drawn(conn, page)?)
    }

    fn classes(&mut self, responses: &Responses, page: &Filter) -> Result<()> {
        let is_asked = |office: &String, region: &String| {
            page.offices.as_ref().is_none_or(|offices| offices.contains(office))
                && (page.regions.is_empty() || page.regions.contains(region))
        };
        for ((day, office, region), state) in responses.iter() {
            if is_asked(office, region) {
                let (drawn, inspected) =
                    state.response.map_or((0, 0), |r| (r.drawn(), r.inspected()));
                self.row(&Row {
                    kind: kind::CLASS,
                    day: Some(*day),
                    office,
                    region,
                    drawn: Some(drawn),
                    inspected: Some(inspected),
                    open: Some(state.open),
                    ..Row::default()
                })?;
            }
        }
        Ok(())
    }

    fn frames(&mut self, parts: &Parts) -> Result<()> {
        for (place, part) in parts.iter().filter(|(_, part)| part.tally.rows > 0) {
            self.row(&Row {
                kind: kind::FRAME,
                day: Some(place.day),
                office: &place.office,
                region: &place.region,
                chapter: &place.commodity,
                selection: place.selection.map_or("", |selection| selection.as_str()),
                rows: Some(part.tally.rows),
                u: Some(part.tally.u),
                ..Row::default()
            })?;
        }
        Ok(())
    }

    fn waiting(&mut self, month: Period, parts: &Parts) -> Result<()> {
        let mut rows = BTreeMap::<(&str, &str, &str), u64>::new();
        for (place, part) in parts {
            let key =
                (place.office.as_str(), place.region.as_str(), kept::chapter(&place.commodity));
            *rows.entry(key).or_default() += part.counts.waiting;
        }
        for ((office, region, chapter), rows) in rows {
            let (kind, day, rows) = (kind::WAITING, Some(month.first()), Some(rows));
            self.row(&Row { kind, day, office, region, chapter, rows, ..Row::default() })?;
        }
        Ok(())
    }

    /// In the order of what they say, so that the order tells no more.
    fn items(&mut self, month: Period, items: Vec<DrawnRow>) -> Result<()> {
        let said = |item: &DrawnRow| {
            let place = item.place.clone();
            let selection = place.selection.map_or("", |selection| selection.as_str());
            let chapter = kept::chapter(&place.commodity).to_owned();
            (place.office, place.region, chapter, selection, item.pi, item.state.as_str())
        };
        let mut said: Vec<_> = items.iter().map(said).collect();
        said.sort_unstable();
        for (office, region, chapter, selection, pi, state) in &said {
            let (kind, day, pi) = (kind::ITEM, Some(month.first()), Some(*pi));
            let row =
                Row { kind, day, office, region, chapter, selection, pi, state, ..Row::default() };
            self.row(&row)?;
        }
        Ok(())
    }
}

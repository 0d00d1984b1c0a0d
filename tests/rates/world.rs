//! Rows as the store hands them over, made by hand.

use breeze::domain::draw::Selection;
use breeze::domain::inspection::ItemState;
use breeze::domain::period::PeriodKind;
use breeze::flow::rates::cells::assemble;
use breeze::flow::rates::parts::{self, Rows};
use breeze::flow::rates::responses::{ClassCounts, Classes, Responses};
use breeze::flow::rates::{Ask, Cell, Words};
use breeze::statistics::{CERTAINTY, Target};
use breeze::store::rates::{DrawnRow, FrameRows, Place, WaitingRows};
use chrono::NaiveDate;

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Goods of a day: office, region, country, commodity.
pub fn place(on: &str, office: &str, [region, country, commodity]: [&str; 3]) -> Place {
    Place {
        day: day(on),
        office: office.into(),
        region: region.into(),
        country: country.into(),
        commodity: commodity.into(),
        exporter: String::new(),
        selection: None,
    }
}

pub const KENYA: [&str; 3] = ["africa", "KE", "850760"];
pub const EGYPT: [&str; 3] = ["africa", "EG", "850440"];
pub const VIETNAM: [&str; 3] = ["asia", "VN", "8507"];
pub const ITALY: [&str; 3] = ["europe", "IT", "080510"];

/// What happened, as it grows.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub rows: Rows,
}

impl World {
    /// Rows of a frame with inclusion probability 1/`one_in`.
    pub fn frame(&mut self, place: &Place, one_in: u64, rows: u64) -> &mut Self {
        let place = Place { selection: Some(Selection::Random), ..place.clone() };
        self.rows.frames.push(FrameRows { place, pi: CERTAINTY / one_in, rows });
        self
    }

    /// Declarations in no frame yet.
    pub fn waiting(&mut self, place: &Place, rows: u64) -> &mut Self {
        self.rows.waiting.push(WaitingRows { place: place.clone(), rows });
        self
    }

    /// Items drawn with probability 1/`one_in`, in these states: p, f, o (open), n (not inspected).
    pub fn drawn(&mut self, place: &Place, one_in: u64, states: &str) -> &mut Self {
        self.items(place, Selection::Random, CERTAINTY / one_in, states)
    }

    /// Items certain by directive, with their rows of the frame.
    pub fn ordered(&mut self, place: &Place, states: &str) -> &mut Self {
        let selection = Some(Selection::Directive);
        let rows = states.len() as u64;
        let of_frame = Place { selection, ..place.clone() };
        self.rows.frames.push(FrameRows { place: of_frame, pi: CERTAINTY, rows });
        self.items(place, Selection::Directive, CERTAINTY, states)
    }

    pub fn items(
        &mut self,
        place: &Place,
        selection: Selection,
        pi: u64,
        states: &str,
    ) -> &mut Self {
        for state in states.chars() {
            let state = match state {
                'p' => ItemState::Passed,
                'f' => ItemState::Failed,
                'o' => ItemState::Open,
                _ => ItemState::NotInspected,
            };
            let place = Place { selection: Some(selection), ..place.clone() };
            self.rows.drawn.push(DrawnRow { place, pi, state });
        }
        self
    }

    /// The rates of what was declared, where the classes are those of this world.
    pub fn rates(&self, ask: &Ask) -> Vec<Cell> {
        self.rates_among(ask, self)
    }

    /// The rates of these rows, where the classes are those of `all`, as after a filter.
    pub fn rates_among(&self, ask: &Ask, all: &Self) -> Vec<Cell> {
        let parts = parts::add(self.rows.clone()).unwrap();
        let mut cells = assemble(ask, &parts, &all.responses()).unwrap();
        cells.retain(|cell| cell.declared() > 0);
        cells
    }

    pub fn responses(&self) -> Responses {
        Responses::of(&classes(&self.rows.drawn)).unwrap()
    }
}

/// The response classes of drawn rows.
pub fn classes(drawn: &[DrawnRow]) -> Classes {
    let mut classes = Classes::new();
    for row in drawn {
        let month = PeriodKind::Month.of(row.place.day).first();
        let key = (month, row.place.office.clone(), row.place.region.clone());
        let ClassCounts { drawn, inspected, open } = classes.entry(key).or_default();
        *drawn += 1;
        *inspected += u64::from(matches!(row.state, ItemState::Passed | ItemState::Failed));
        *open += u64::from(row.state == ItemState::Open);
    }
    classes
}

/// Rates of 2023 to 2026 by a period, with splits (and commas).
pub fn ask(period: PeriodKind, split_by: &str) -> Ask {
    ask_for(period, split_by, Target::Declarations, Words::default())
}

/// The same with a target and filters.
pub fn ask_for(period: PeriodKind, split_by: &str, target: Target, filters: Words) -> Ask {
    let split_by = if split_by.is_empty() { Vec::new() } else { vec![split_by.to_owned()] };
    let (period, target) = (period.as_str().into(), Some(target.name().into()));
    let (from, to) = ("2023".into(), "2026".into());
    Ask::parse(&Words { period, target, from, to, split_by, ..filters }).unwrap()
}

/// A cell in one line: period, labels, declared, drawn, inspected, failed.
pub fn line(cell: &Cell) -> String {
    let labels = cell.labels.iter().map(|label| label.as_deref().unwrap_or("-"));
    let labels = labels.collect::<Vec<_>>().join(",");
    let (declared, drawn) = (cell.declared(), cell.counts.drawn);
    let (inspected, failed) = (cell.rate.inspected, cell.rate.failed);
    format!("{} [{labels}] {declared} {drawn} {inspected} {failed}", cell.period)
}

pub fn lines(cells: &[Cell]) -> Vec<String> {
    cells.iter().map(line).collect()
}

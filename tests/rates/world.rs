//! Rows as the store hands them over, made by hand.

use breeze::domain::draw::Selection;
use breeze::domain::inspection::ItemState;
use breeze::domain::period::PeriodKind;
use breeze::flow::rates::cells::assemble;
use breeze::flow::rates::parts::{self, Rows};
use breeze::flow::rates::responses::Responses;
use breeze::flow::rates::{Ask, Cell, Words};
use breeze::statistics::{CERTAINTY, Target};
use breeze::store::rates::{DrawnRow, FrameRows, Place, ResponseRows, WaitingRows};
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
            let draw = format!("{}-{}-1", place.office, place.day.format("%Y%m%d"));
            let same = self.rows.drawn.iter().filter(|row| row.item.0 == draw).count();
            let item = (draw, u32::try_from(same).unwrap() + 1);
            let place = Place { selection: Some(selection), ..place.clone() };
            self.rows.drawn.push(DrawnRow { place, item, pi, state });
        }
        self
    }

    /// The rates, where the classes are those of this world.
    pub fn rates(&self, ask: &Ask) -> Vec<Cell> {
        self.rates_among(ask, self)
    }

    /// The rates of these rows, where the classes are those of `all`, as after a filter.
    pub fn rates_among(&self, ask: &Ask, all: &Self) -> Vec<Cell> {
        let tells = ask.split_by.iter().any(|split| split.as_str() == "selection");
        let parts = parts::add(self.rows.clone(), tells).unwrap();
        assemble(ask, &parts, &all.responses()).unwrap()
    }

    pub fn responses(&self) -> Responses {
        let row = |row: &DrawnRow| ResponseRows {
            day: row.place.day,
            office: row.place.office.clone(),
            region: row.place.region.clone(),
            state: row.state,
            rows: 1,
        };
        Responses::of(&self.rows.drawn.iter().map(row).collect::<Vec<_>>()).unwrap()
    }
}

/// Rates of 2026 by a period, with splits (and commas).
pub fn ask(period: PeriodKind, split_by: &str) -> Ask {
    ask_for(period, split_by, Target::Declarations, Words::default())
}

/// The same with a target and filters.
pub fn ask_for(period: PeriodKind, split_by: &str, target: Target, filters: Words) -> Ask {
    let split_by = if split_by.is_empty() { Vec::new() } else { vec![split_by.to_owned()] };
    let words = Words { from: "2023".into(), to: "2026".into(), split_by, ..filters };
    Ask::parse(period, target, &words).unwrap()
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

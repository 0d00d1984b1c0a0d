//! Sums kept with each draw and each result, so that a rate need not read declarations.
//!
//! Every row belongs to four cells: its day, its month, its country's month, its chapter's month. The
//! sums are exact, so a cell is moved by what changed and is at all times what its rows add up to
//! (`breeze rates --check`).

use super::parts::{Counts, Part, Parts};
use crate::domain::draw::{Candidate, Draw, SampleItem, Selection};
use crate::domain::inspection::ItemState;
use crate::domain::period::PeriodKind;
use crate::error::{Error, Result};
use crate::statistics::Tally;
use crate::store::rates::Place;
use crate::store::sums::{Kept, Key, View};
use crate::store::{self, Conn};
use std::collections::{BTreeMap, HashMap};

/// Cells and what they hold, or by how much they move.
pub(super) type Moves = BTreeMap<Key, Kept>;

/// Keeps a draw: its frame and its items, inside the transaction that makes it.
pub(crate) fn drawn(
    conn: &mut Conn,
    draw: &Draw,
    frame: &[Candidate],
    items: &[SampleItem],
) -> Result<()> {
    let mut moves = Moves::new();
    for (place, part) in frame_parts(draw, frame)? {
        add(&mut moves, &place, &part);
    }
    for item in items {
        add(&mut moves, &place(item), &part(item, item.state)?);
    }
    apply(conn, &moves)
}

/// Keeps that an item moved from the state it has to another, inside the transaction that moves it.
pub(crate) fn moved(conn: &mut Conn, item: &SampleItem, to: ItemState) -> Result<()> {
    if item.state == to {
        return Ok(());
    }
    let (before, after) = (kept(&part(item, item.state)?), kept(&part(item, to)?));
    let moves = keys(&place(item)).into_iter().map(|key| (key, after - before));
    apply(conn, &moves.collect())
}

/// In the order of keys, so that no two writers ever wait for each other.
fn apply(conn: &mut Conn, moves: &Moves) -> Result<()> {
    moves.iter().try_for_each(|(key, change)| store::sums::move_by(conn, key, *change))
}

/// The rows of a frame by country, chapter and selection: a million of them are some hundred.
fn frame_parts(draw: &Draw, frame: &[Candidate]) -> Result<Parts> {
    let mut tallies: HashMap<(&str, &str, &str, bool), Part> = HashMap::new();
    for row in frame {
        let commodity = chapter(&row.commodity_code);
        let key = (row.region.as_str(), row.country.as_str(), commodity, row.take_all);
        *tallies.entry(key).or_default() += Part::of_frame(row.pi, 1)?;
    }
    let place =
        |((region, country, commodity, take_all), part): ((&str, &str, &str, bool), Part)| {
            let place = Place {
                day: draw.day,
                office: draw.office.to_string(),
                region: region.to_owned(),
                country: country.to_owned(),
                commodity: commodity.to_owned(),
                exporter: String::new(),
                selection: Some(if take_all { Selection::Directive } else { Selection::Random }),
            };
            (place, part)
        };
    Ok(tallies.into_iter().map(place).collect())
}

fn place(item: &SampleItem) -> Place {
    Place {
        day: item.day,
        office: item.office.clone(),
        region: item.candidate.region.clone(),
        country: item.candidate.country.clone(),
        commodity: item.candidate.commodity_code.clone(),
        exporter: String::new(),
        selection: Some(item.selection),
    }
}

fn part(item: &SampleItem, state: ItemState) -> Result<Part> {
    Part::of_item(item.candidate.pi, Some(item.selection), state)
}

/// The chapter of a commodity; the whole of a shorter one.
pub(super) fn chapter(commodity: &str) -> &str {
    commodity.get(..2).unwrap_or(commodity)
}

/// Adds a part to its cells; what is in no frame is in no cell.
pub(super) fn add(moves: &mut Moves, place: &Place, part: &Part) {
    for key in keys(place) {
        let cell = moves.entry(key).or_default();
        *cell = *cell + kept(part);
    }
}

/// The cells of a place.
fn keys(place: &Place) -> Vec<Key> {
    let month = PeriodKind::Month.of(place.day).first();
    let key = |view, first_day, code: &str| {
        let (office, region) = (place.office.clone(), place.region.clone());
        let selection = place.selection?;
        Some(Key { view, code: code.to_owned(), first_day, office, region, selection })
    };
    let keys = [
        key(View::Day, place.day, ""),
        key(View::Month, month, ""),
        key(View::Country, month, &place.country),
        key(View::Chapter, month, chapter(&place.commodity)),
    ];
    keys.into_iter().flatten().collect()
}

fn kept(part: &Part) -> Kept {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let sum = |sum: u128| i128::try_from(sum).unwrap_or(i128::MAX);
    let Part { counts, tally } = part;
    Kept {
        drawn: count(counts.drawn),
        open: count(counts.open),
        not_inspected: count(counts.not_inspected),
        inspected: count(tally.n),
        failed: count(tally.failed),
        rows: count(tally.rows),
        w: sum(tally.w),
        wy: sum(tally.wy),
        a: sum(tally.a),
        a1: sum(tally.ay),
        b: sum(tally.b),
        b1: sum(tally.by),
        u: sum(tally.u),
    }
}

/// A cell as a place and what it holds.
pub(super) fn read((key, kept): (Key, Kept)) -> Result<(Place, Part)> {
    let negative = |_| Error::inner("the sums of rates hold less than nothing");
    let count = |count: i64| u64::try_from(count).map_err(negative);
    let sum = |sum: i128| u128::try_from(sum).map_err(negative);
    let counts = Counts {
        drawn: count(kept.drawn)?,
        open: count(kept.open)?,
        not_inspected: count(kept.not_inspected)?,
        ..Counts::default()
    };
    let tally = Tally {
        n: count(kept.inspected)?,
        failed: count(kept.failed)?,
        w: sum(kept.w)?,
        wy: sum(kept.wy)?,
        a: sum(kept.a)?,
        ay: sum(kept.a1)?,
        b: sum(kept.b)?,
        by: sum(kept.b1)?,
        rows: count(kept.rows)?,
        u: sum(kept.u)?,
    };
    let mut part = Part { counts, tally };
    part.tell_ordered(Some(key.selection));
    let (country, commodity) = match key.view {
        View::Country => (key.code, String::new()),
        View::Chapter => (String::new(), key.code),
        View::Day | View::Month => (String::new(), String::new()),
    };
    let place = Place {
        day: key.first_day,
        office: key.office,
        region: key.region,
        country,
        commodity,
        exporter: String::new(),
        selection: Some(key.selection),
    };
    Ok((place, part))
}

//! Sample lists: what was drawn, in working order, with why and how far it has come.

use crate::domain::declaration::StoredDeclaration;
use crate::domain::draw::{Draw, SampleItem, Selection};
use crate::domain::inspection::ItemState;
use crate::domain::key::Caller;
use crate::domain::location::walking_order;
use crate::domain::problem::Problem;
use crate::domain::reason::{Reason, reasons};
use crate::error::{Error, Result};
use crate::flow::{draw, offices};
use crate::store::assignments::Assignment;
use crate::store::draws::Filter;
use crate::store::{self, Conn, Store};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap, HashSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// How far some items have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tally {
    /// Items.
    pub total: u64,
    /// Items with a result.
    pub done: u64,
    /// Inspected, passed.
    pub passed: u64,
    /// Inspected, failed.
    pub failed: u64,
    /// Could not be inspected.
    pub not_inspected: u64,
}

/// How far a list has come, in whole and by what drew the items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"total": 31, "done": 12, "passed": 9, "failed": 2, "not_inspected": 1,
    "random": {"total": 30, "done": 11, "passed": 9, "failed": 1, "not_inspected": 1},
    "directive": {"total": 1, "done": 1, "passed": 0, "failed": 1, "not_inspected": 0}}))]
pub struct Progress {
    /// All items.
    #[serde(flatten)]
    pub whole: Tally,
    /// Those drawn by chance.
    pub random: Tally,
    /// Those drawn by order.
    pub directive: Tally,
}

impl Tally {
    fn add(&mut self, state: ItemState, items: u64) {
        self.total += items;
        match state {
            ItemState::Open => return,
            ItemState::Passed => self.passed += items,
            ItemState::Failed => self.failed += items,
            ItemState::NotInspected => self.not_inspected += items,
        }
        self.done += items;
    }
}

impl Progress {
    fn add(&mut self, selection: Selection, state: ItemState, items: u64) {
        self.whole.add(state, items);
        match selection {
            Selection::Random => self.random.add(state, items),
            Selection::Directive => self.directive.add(state, items),
        }
    }

    /// The progress of some items.
    pub fn of<'a>(items: impl IntoIterator<Item = &'a SampleItem>) -> Self {
        let mut progress = Self::default();
        items.into_iter().for_each(|item| progress.add(item.selection, item.state, 1));
        progress
    }
}

/// One drawn declaration as the inspector sees it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The item.
    pub item: SampleItem,
    /// What is declared.
    pub declaration: StoredDeclaration,
    /// Why it was drawn.
    pub reasons: Vec<Reason>,
    /// Its inspection, if there is one.
    pub inspection: Option<Uuid>,
}

/// The list of one draw.
#[derive(Clone, Debug)]
pub struct SampleList {
    /// The draw.
    pub draw: Draw,
    /// Its items in working order.
    pub lines: Vec<Line>,
}

/// Draws of the caller's offices with their progress, the latest day first.
///
/// # Errors
/// Those of the database.
pub fn lists(
    store: &Store,
    caller: &Caller,
    filter: &Filter,
    after: Option<&(NaiveDate, String)>,
    limit: i64,
) -> Result<Vec<(Draw, Progress)>> {
    store.snapshot(|conn| {
        let draws = store::draws::list(conn, &caller.scope, filter, after, limit)?;
        let ids: Vec<&str> = draws.iter().map(|draw| draw.id.as_str()).collect();
        let mut progress: HashMap<String, Progress> = HashMap::new();
        for (draw_id, selection, state, items) in store::items::tally(conn, &ids)? {
            progress.entry(draw_id).or_default().add(selection, state, items);
        }
        Ok(draws
            .into_iter()
            .map(|draw| {
                let progress = progress.remove(&draw.id).unwrap_or_default();
                (draw, progress)
            })
            .collect())
    })
}

/// The list of a draw.
///
/// # Errors
/// Not found.
pub fn list(store: &Store, caller: &Caller, draw_id: &str) -> Result<SampleList> {
    store.snapshot(|conn| {
        let draw = draw::own(conn, caller, draw_id)?;
        whole(conn, caller, draw)
    })
}

/// The lists of all rounds of an office's day.
///
/// # Errors
/// Not found, for the office.
pub fn of_day(
    store: &Store,
    caller: &Caller,
    office: &str,
    day: NaiveDate,
) -> Result<Vec<SampleList>> {
    store.snapshot(|conn| {
        let office = offices::own(conn, caller, office)?;
        let draws = store::draws::of_day(conn, office.code.as_str(), day)?;
        draws.into_iter().map(|draw| whole(conn, caller, draw)).collect()
    })
}

fn whole(conn: &mut Conn, caller: &Caller, draw: Draw) -> Result<SampleList> {
    let mut declarations = store::declarations::of_sample(conn, &draw.id)?;
    let inspections = store::inspections::ids_of_draw(conn, &draw.id)?;
    let mut lines = Vec::with_capacity(declarations.len());
    let items = store::items::of_draw(conn, &draw.id)?;
    let by: BTreeSet<&str> =
        items.iter().filter_map(|item| item.candidate.directive.as_deref()).collect();
    let by = by.into_iter().collect::<Vec<_>>();
    let mut directives = store::directives::find_many(conn, &by)?;
    directives = directives.into_iter().map(|(id, d)| (id, d.seen_by(&caller.scope))).collect();
    for item in items {
        let by = item.candidate.directive.as_ref().and_then(|id| directives.get(id));
        let declaration = declarations.remove(&item.candidate.declaration_number);
        lines.push(Line {
            declaration: declaration.ok_or_else(|| Error::inner("a drawn declaration is gone"))?,
            reasons: reasons(&draw, &item, by),
            inspection: inspections.get(&item.position).copied(),
            item,
        });
    }
    lines.sort_by(in_working_order);
    Ok(SampleList { draw, lines })
}

/// Natural order of location, then position; rounds of a day one after the other.
pub fn in_working_order(a: &Line, b: &Line) -> std::cmp::Ordering {
    let location = |line: &Line| line.declaration.declaration.location.clone();
    walking_order(location(a).as_deref(), location(b).as_deref())
        .then_with(|| a.item.draw_id.cmp(&b.item.draw_id))
        .then_with(|| a.item.position.cmp(&b.item.position))
}

/// One item of a list, and who was responsible before.
///
/// # Errors
/// Not found.
pub fn line(
    store: &Store,
    caller: &Caller,
    draw_id: &str,
    position: u32,
) -> Result<(Line, Vec<Assignment>)> {
    store.snapshot(|conn| {
        let item = own_item(conn, caller, draw_id, position)?;
        line_of(conn, caller, item)
    })
}

/// An item with everything a list says about it, inside a transaction.
pub(super) fn line_of(
    conn: &mut Conn,
    caller: &Caller,
    item: SampleItem,
) -> Result<(Line, Vec<Assignment>)> {
    let draw = store::draws::find(conn, &item.draw_id)?;
    let draw = draw.ok_or_else(|| Error::inner("an item without its draw"))?;
    let number = &item.candidate.declaration_number;
    let declaration = store::declarations::find(conn, number)?;
    let inspection = store::inspections::of_item(conn, &item.draw_id, item.position)?;
    let assignments = store::assignments::of_item(conn, &item.draw_id, item.position)?;
    let by = match &item.candidate.directive {
        Some(id) => store::directives::find(conn, id)?,
        None => None,
    };
    let by = by.map(|directive| directive.seen_by(&caller.scope));
    let line = Line {
        declaration: declaration.ok_or_else(|| Error::inner("a drawn declaration is gone"))?,
        reasons: reasons(&draw, &item, by.as_ref()),
        inspection: inspection.map(|inspection| inspection.id),
        item,
    };
    Ok((line, assignments))
}

/// An item of the caller's offices, inside a transaction; foreign and missing are alike.
pub(super) fn own_item(
    conn: &mut Conn,
    caller: &Caller,
    draw_id: &str,
    position: u32,
) -> Result<SampleItem> {
    store::items::find(conn, draw_id, position)?
        .filter(|item| caller.scope.holds(&item.office))
        .ok_or_else(|| {
            Problem::not_found("sample item", format_args!("{draw_id}/{position}")).into()
        })
}

/// Those of some numbers under which a declaration is stored.
///
/// # Errors
/// Those of the database.
pub fn known(store: &Store, caller: &Caller, numbers: &[&str]) -> Result<HashSet<String>> {
    let stored = store.read(|conn| store::declarations::find_many(conn, numbers))?;
    let own = |known: &StoredDeclaration| caller.scope.holds(known.declaration.office.as_str());
    Ok(stored.into_iter().filter(|(_, known)| own(known)).map(|(number, _)| number).collect())
}

/// The items of those declarations that were drawn, by declaration number.
///
/// # Errors
/// Those of the database.
pub fn drawn(
    store: &Store,
    caller: &Caller,
    numbers: &[&str],
) -> Result<HashMap<String, SampleItem>> {
    let mut items = store.read(|conn| store::items::of_declarations(conn, numbers))?;
    items.retain(|_, item| caller.scope.holds(&item.office));
    Ok(items)
}

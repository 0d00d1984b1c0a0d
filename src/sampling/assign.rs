//! Who inspects: random among those with room and without conflict, items in draw order.
//!
//! The inspector of an item is the one with the smallest lot ([`Tickets::assignment`]) among those
//! on the roster who have room left and no conflict with the exporter. Nobody chooses, and anybody
//! can recompute it.

use std::collections::BTreeSet;

use super::ticket::{Pseudonym, Tickets};

/// An inspector on the roster of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspector {
    /// Inspector id.
    pub id: String,
    /// How many items the inspector can still take that day.
    pub room: u32,
    /// Exporters whose goods the inspector must not inspect, as pseudonyms of this draw.
    pub conflicts: BTreeSet<Pseudonym>,
}

/// A drawn item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// Declaration number.
    pub number: &'a str,
    /// Its exporter.
    pub exporter: Pseudonym,
}

/// For each item, in draw order, the index of its inspector; `None` where nobody may.
///
/// ```
/// use breeze::sampling::{assign::{Inspector, Item, assign}, ticket::{Pseudonym, Tickets}};
/// let exporter = Pseudonym([1; 8]);
/// let roster = [
///     Inspector { id: "i-1".into(), room: 9, conflicts: [exporter].into() },
///     Inspector { id: "i-2".into(), room: 1, conflicts: [].into() },
/// ];
/// let items = [Item { number: "A", exporter }, Item { number: "B", exporter }];
/// assert_eq!(assign(&Tickets::new(&[0; 32]), &items, &roster), [Some(1), None]);
/// ```
pub fn assign(tickets: &Tickets, items: &[Item], roster: &[Inspector]) -> Vec<Option<usize>> {
    let mut rooms: Vec<u32> = roster.iter().map(|inspector| inspector.room).collect();
    items.iter().map(|item| take(tickets, item, roster, &mut rooms)).collect()
}

/// The inspector of one item, whose room it uses up.
fn take(tickets: &Tickets, item: &Item, roster: &[Inspector], rooms: &mut [u32]) -> Option<usize> {
    let free = roster.iter().zip(rooms.iter_mut()).enumerate().filter(|(_, (inspector, room))| {
        **room > 0 && !inspector.conflicts.contains(&item.exporter)
    });
    let (index, (_, room)) =
        free.min_by_key(|(_, (inspector, _))| tickets.assignment(item.number, &inspector.id))?;
    *room -= 1;
    Some(index)
}

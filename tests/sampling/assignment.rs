//! Who inspects.

use breeze::sampling::{
    assign::{Inspector, Item, assign},
    ticket::{Pseudonym, Tickets},
};
use proptest::{prelude::*, prop_assert, prop_assert_eq, proptest};

fn numbers() -> Vec<String> {
    (0..30).map(|i| format!("N{i}")).collect()
}

fn items(numbers: &[String]) -> Vec<Item<'_>> {
    let item = |(i, number): (u8, _)| Item { number, exporter: Pseudonym([i % 3; 8]) };
    (0..).zip(numbers.iter().map(String::as_str)).map(item).collect()
}

fn roster(rooms: &[u32]) -> Vec<Inspector> {
    let inspector = |(i, room): (u8, &u32)| Inspector {
        id: format!("insp-{i:02}"),
        room: *room,
        conflicts: (i % 2 == 0).then_some(Pseudonym([i % 3; 8])).into_iter().collect(),
    };
    (0..).zip(rooms).map(inspector).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_gets_more_than_the_room_or_an_exporter_in_conflict(
        seed in any::<[u8; 32]>(), rooms in prop::collection::vec(0_u32..6, 0..9),
    ) {
        let numbers = numbers();
        let (items, roster) = (items(&numbers), roster(&rooms));
        let tickets = Tickets::new(&seed);
        let mut left = rooms;
        for (item, inspector) in items.iter().zip(assign(&tickets, &items, &roster)) {
            let may = |i: &usize| left[*i] > 0 && !roster[*i].conflicts.contains(&item.exporter);
            let lot = |i: &usize| tickets.assignment(item.number, &roster[*i].id);
            prop_assert_eq!(inspector, (0..roster.len()).filter(may).min_by_key(lot));
            if let Some(inspector) = inspector {
                left[inspector] -= 1;
            }
        }
    }

    #[test]
    fn the_order_of_the_roster_does_not_matter(seed in any::<[u8; 32]>()) {
        let numbers = numbers();
        let items = items(&numbers);
        let roster = roster(&[3, 9, 1, 4, 2]);
        let reversed: Vec<Inspector> = roster.iter().rev().cloned().collect();
        let tickets = Tickets::new(&seed);
        let name = |roster: &[Inspector]| -> Vec<Option<String>> {
            let chosen = assign(&tickets, &items, roster);
            chosen.iter().map(|i| i.map(|i| roster[i].id.clone())).collect()
        };
        prop_assert!(name(&roster) == name(&reversed));
    }
}

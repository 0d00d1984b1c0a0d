//! Chances: golden vectors and properties.

use breeze::sampling::allocate::{AllocateError, CERTAIN, Candidate, allocate};
use proptest::{collection::vec, prelude::*, prop_assert, prop_assert_eq, proptest};
use serde_json::Value;

use crate::{cases, list, text};

const VECTORS: &str = include_str!("../vectors/allocate.json");

/// A candidate of the vectors; `None` where a value has no place in the type.
fn candidate(row: &Value) -> Option<Candidate<'_>> {
    let small = |name: &str| u32::try_from(row[name].as_u64()?).ok();
    Some(Candidate {
        number: text(&row["number"]),
        proportion_ppm: small("proportion_ppm")?,
        factor: small("factor")?,
        take_all: row["take_all"].as_bool()?,
    })
}

#[test]
fn every_allocation_of_the_vectors_is_met() {
    let cases = cases(VECTORS);
    assert_eq!(cases.len(), 30);
    for case in &cases {
        let (input, expected) = (&case["input"], &case["expected"]);
        let rows: Option<Vec<Candidate>> = list(&input["rows"]).iter().map(candidate).collect();
        let capacity = input["capacity"].as_u64().unwrap();
        let floor = input["floor_ppm"].as_u64().unwrap().try_into().unwrap();
        let allocation = rows.as_ref().and_then(|rows| allocate(capacity, floor, rows).ok());
        assert_eq!(allocation.is_none(), expected.get("refused").is_some(), "{}", case["name"]);
        let Some(allocation) = allocation else { continue };
        let rows = rows.unwrap();
        assert_eq!(expected["q"].as_object().unwrap().len(), rows.len());
        for (row, q) in rows.iter().zip(&allocation.pi) {
            assert_eq!(expected["q"][row.number], *q, "{}: {}", case["name"], row.number);
        }
        assert_eq!(text(&expected["sum_chance_q"]), allocation.given.to_string());
        assert_eq!(expected["take_all"], allocation.take_all);
    }
}

#[test]
fn what_is_out_of_range_is_refused_in_words() {
    let row = Candidate { number: "A", proportion_ppm: 1, factor: 1, take_all: false };
    let words = |rows: &[Candidate], floor| allocate(1, floor, rows).unwrap_err().to_string();
    assert_eq!(allocate(1, 1_000_001, &[]), Err(AllocateError::Floor(1_000_001)));
    assert_eq!(
        words(&[Candidate { proportion_ppm: 0, ..row }], 0),
        "A: proportion_ppm is 0, it must lie within 1…1,000,000"
    );
    assert_eq!(
        words(&[Candidate { factor: 0, ..row }], 0),
        "A: factor is 0, it must be at least 1 (65,536 stands for 1)"
    );
    assert_eq!(
        words(&[row, Candidate { number: "B", ..row }, row], 0),
        "A is listed twice, a declaration enters a frame once"
    );
}

#[test]
fn the_shrink_factor_is_given_over_asked() {
    let row =
        |number| Candidate { number, proportion_ppm: 1_000_000, factor: 65_536, take_all: false };
    let full = allocate(1, 0, &[row("A"), row("B"), row("C")]).unwrap();
    assert!(full.is_shrunk());
    assert_eq!((full.asked, full.given), (3 << 32, 1 << 32));
    assert_eq!(full.shrink_ppm(), 333_333);
    assert_eq!(allocate(1, 0, &[]).unwrap().shrink_ppm(), 1_000_000);
}

type Draft = (u32, u32, bool);

/// Proportions, factors, directives: often alike, so that remainders tie, and often extreme.
fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let proportion = prop_oneof![Just(20_000), Just(1_000_000), 1_u32..=1_000_000];
    let factor = prop_oneof![Just(65_536), Just(1), Just(u32::MAX), 1_u32..=1_000_000];
    vec((proportion, factor, prop::bool::weighted(0.1)), 0..60)
}

fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("EXP/{}", i * 7919 % 1009)).collect()
}

fn candidates<'a>(numbers: &'a [String], drafts: &[Draft]) -> Vec<Candidate<'a>> {
    let rows = numbers.iter().zip(drafts);
    rows.map(|(number, &(proportion_ppm, factor, take_all))| Candidate {
        number,
        proportion_ppm,
        factor,
        take_all,
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_day_that_asks_too_much_gets_its_room_exactly(
        drafts in drafts(), capacity in 0_u64..40, floor in 0_u32..=1_000_000,
    ) {
        let numbers = numbers(drafts.len());
        let rows = candidates(&numbers, &drafts);
        let got = allocate(capacity, floor, &rows).unwrap();
        let room = u128::from(capacity.saturating_sub(got.take_all as u64).max(1)) << 32;
        prop_assert_eq!(got.given, got.asked.min(room));
        let chance: u128 = rows.iter().zip(&got.pi)
            .filter(|(row, _)| !row.take_all).map(|(_, &q)| u128::from(q)).sum();
        prop_assert_eq!(chance, got.given);
    }

    #[test]
    fn every_chance_lies_above_nothing_and_not_above_what_was_asked(
        drafts in drafts(), capacity in 0_u64..40, floor in 0_u32..=1_000_000,
    ) {
        let numbers = numbers(drafts.len());
        let rows = candidates(&numbers, &drafts);
        let got = allocate(capacity, floor, &rows).unwrap();
        let asked = allocate(u64::MAX, floor, &rows).unwrap();
        prop_assert!(!asked.is_shrunk());
        for ((row, &q), &asked) in rows.iter().zip(&got.pi).zip(&asked.pi) {
            prop_assert!((1..=CERTAIN).contains(&q) && q <= asked);
            prop_assert!(!row.take_all || q == CERTAIN);
            prop_assert!(asked >= u64::from(floor) * CERTAIN / 1_000_000);
        }
    }

    #[test]
    fn who_asks_for_more_does_not_get_less(drafts in drafts(), capacity in 0_u64..40) {
        let numbers = numbers(drafts.len());
        let rows = candidates(&numbers, &drafts);
        let got = allocate(capacity, 1_000, &rows).unwrap().pi;
        let asked = allocate(u64::MAX, 1_000, &rows).unwrap().pi;
        let mut chances: Vec<_> = rows.iter().zip(asked.iter().zip(&got))
            .filter(|(row, _)| !row.take_all).map(|(_, pair)| pair).collect();
        chances.sort();
        for pair in chances.windows(2) {
            prop_assert!(pair[0].1 <= pair[1].1);
            prop_assert!(pair[0].0 < pair[1].0 || pair[1].1 - pair[0].1 <= 1, "equals differ");
        }
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter(
        drafts in drafts(), capacity in 0_u64..40, turn in 0_usize..60,
    ) {
        let numbers = numbers(drafts.len());
        let rows = candidates(&numbers, &drafts);
        let turn = turn % rows.len().max(1);
        let mut turned = rows.clone();
        turned.rotate_left(turn);
        turned.reverse();
        let mut back = allocate(capacity, 1_000, &turned).unwrap().pi;
        back.reverse();
        back.rotate_right(turn);
        prop_assert_eq!(allocate(capacity, 1_000, &rows).unwrap().pi, back);
    }
}

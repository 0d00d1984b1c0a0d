//! Who is drawn: golden vectors and properties.

use std::collections::{BTreeMap, BTreeSet};

use breeze::sampling::{
    allocate::CERTAIN,
    select::{Hit, Row, SelectError, Selection, select, steps},
    ticket::Tickets,
};
use proptest::{collection::vec, prelude::*, prop_assert, prop_assert_eq, proptest};
use serde_json::Value;

use crate::{cases, list, text};

const VECTORS: &str = include_str!("../vectors/select.json");

#[test]
fn every_selection_of_the_vectors_is_met() {
    let cases = cases(VECTORS);
    assert_eq!(cases.len(), 17);
    for case in &cases {
        let (input, expected) = (&case["input"], &case["expected"]);
        let rows: Vec<Row> = list(&input["rows"])
            .iter()
            .map(|row| Row {
                number: text(&row["number"]),
                stratum: text(&row["stratum"]),
                pi: row["q"].as_u64().unwrap(),
            })
            .collect();
        let seed = hex::decode(text(&input["seed"])).unwrap().try_into().unwrap();
        let got = select(&Tickets::new(&seed), &rows).unwrap();
        let named = |index: &u32| rows[*index as usize].number;
        assert_eq!(expected["start"], got.start, "{}", case["name"]);
        let numbers = |rows: &[u32]| serde_json::json!(rows.iter().map(named).collect::<Vec<_>>());
        assert_eq!(expected["line"], numbers(&got.line), "{}", case["name"]);
        assert_eq!(expected["certain"], numbers(&got.certain), "{}", case["name"]);
        let drawn: Value = got
            .drawn
            .iter()
            .map(|hit| {
                serde_json::json!({
                    "number": named(&hit.row),
                    "q_before": hit.cumulated_from,
                    "q_after": hit.cumulated_to,
                    "hit": hit.hit,
                })
            })
            .collect();
        assert_eq!(expected["drawn"], drawn, "{}", case["name"]);
    }
}

#[test]
fn a_chance_of_nothing_or_above_certainty_is_refused() {
    for pi in [0, CERTAIN + 1] {
        let row = Row { number: "A", stratum: "africa/85", pi };
        let refused = select(&Tickets::new(&[0; 32]), &[row]);
        assert_eq!(refused, Err(SelectError::Pi { number: "A".into(), pi }));
    }
}

/// Chances of all sizes, the extremes often.
fn chances(below: u64) -> impl Strategy<Value = Vec<u64>> {
    let pi = prop_oneof![Just(1), Just(below - 1), Just(CERTAIN / 2), 1..below];
    vec(pi, 0..40)
}

fn on_line(chances: &[u64]) -> impl Iterator<Item = (u32, u64)> {
    (0..).zip(chances.iter().copied())
}

/// Starts where something changes: all the places where a row begins, within one step.
fn pieces(chances: &[u64]) -> Vec<(u64, u64)> {
    let mut cuts = BTreeSet::from([0, CERTAIN]);
    let mut from = 0;
    for pi in chances {
        from += pi;
        cuts.insert(from % CERTAIN);
    }
    let cuts: Vec<u64> = cuts.into_iter().collect();
    cuts.windows(2).map(|piece| (piece[0], piece[1])).collect()
}

fn rows_hit(start: u64, chances: &[u64]) -> Vec<u32> {
    let hits = steps(u32::try_from(start).unwrap(), on_line(chances));
    hits.iter().map(|hit| hit.row).collect()
}

fn draw(seed: u8, chances: &[u64]) -> (Vec<String>, Vec<String>, Selection) {
    let numbers: Vec<String> = (0..chances.len()).map(|i| format!("N{i}")).collect();
    let strata: Vec<String> = (0..chances.len()).map(|i| format!("asia/{}", i % 4)).collect();
    let rows: Vec<Row> = chances
        .iter()
        .enumerate()
        .map(|(i, &pi)| Row { number: &numbers[i], stratum: &strata[i], pi })
        .collect();
    let selection = select(&Tickets::new(&[seed; 32]), &rows).unwrap();
    (numbers, strata, selection)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// All 2³² starts, counted: between two cuts the hits are the same (compared at both ends), so
    /// the lengths of the pieces that hit a row add up to the number of starts that draw it.
    #[test]
    fn of_all_starts_exactly_pi_draw_a_row(chances in chances(CERTAIN)) {
        let mut starts = vec![0; chances.len()];
        for (first, end) in pieces(&chances) {
            let hit = rows_hit(first, &chances);
            prop_assert_eq!(&hit, &rows_hit(end - 1, &chances));
            for row in hit {
                starts[row as usize] += end - first;
            }
        }
        prop_assert_eq!(starts, chances);
    }

    #[test]
    fn a_hit_lies_inside_its_row_and_a_row_is_hit_once(
        chances in chances(CERTAIN), start in any::<u32>(),
    ) {
        let mut last = None;
        for Hit { row, cumulated_from, cumulated_to, hit } in steps(start, on_line(&chances)) {
            let at = hit * CERTAIN + u64::from(start);
            prop_assert!(cumulated_from <= at && at < cumulated_to);
            prop_assert_eq!(cumulated_to - cumulated_from, chances[row as usize]);
            prop_assert!(last < Some(row));
            last = Some(row);
        }
    }

    #[test]
    fn the_number_drawn_is_the_sum_of_chances_rounded_down_or_up(
        chances in chances(CERTAIN + 1), seed in any::<u8>(),
    ) {
        let (_, strata, selection) = draw(seed, &chances);
        let mut sums: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        let (mut sum, mut drawn) = (0, 0);
        let chosen: BTreeSet<u32> = selection.certain.iter().copied()
            .chain(selection.drawn.iter().map(|hit| hit.row)).collect();
        prop_assert_eq!(chosen.len(), selection.len());
        for (row, pi) in on_line(&chances) {
            let one = u64::from(chosen.contains(&row));
            let stratum = sums.entry(&strata[row as usize]).or_default();
            *stratum = (stratum.0 + pi, stratum.1 + one);
            sum += pi;
            drawn += one;
            prop_assert!(pi < CERTAIN || one == 1);
        }
        for (sum, drawn) in sums.into_values().chain([(sum, drawn)]) {
            prop_assert!((sum / CERTAIN..=sum.div_ceil(CERTAIN)).contains(&drawn));
        }
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter_for_who_is_drawn(
        chances in chances(CERTAIN + 1), seed in any::<u8>(),
    ) {
        let (numbers, strata, selection) = draw(seed, &chances);
        let rows: Vec<Row> = chances.iter().enumerate().rev()
            .map(|(i, &pi)| Row { number: &numbers[i], stratum: &strata[i], pi }).collect();
        let reversed = select(&Tickets::new(&[seed; 32]), &rows).unwrap();
        let line: Vec<&str> = reversed.line.iter().map(|i| rows[*i as usize].number).collect();
        let same: Vec<&str> = selection.line.iter().map(|i| &*numbers[*i as usize]).collect();
        prop_assert_eq!(line, same);
        let spots = |s: &Selection| s.drawn.iter().map(|h| h.cumulated_from).collect::<Vec<_>>();
        prop_assert_eq!(spots(&reversed), spots(&selection));
    }

    #[test]
    fn a_stratum_lies_in_one_piece_on_the_line(chances in chances(CERTAIN), seed in any::<u8>()) {
        let (_, strata, selection) = draw(seed, &chances);
        let mut along: Vec<&str> =
            selection.line.iter().map(|i| &*strata[*i as usize]).collect();
        prop_assert_eq!(along.len(), chances.len());
        along.dedup();
        prop_assert_eq!(along.len(), along.iter().collect::<BTreeSet<_>>().len());
    }
}

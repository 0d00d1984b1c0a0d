//! What holds of any rows.

use super::world::{EGYPT, ITALY, KENYA, VIETNAM, World, ask, place};
use breeze::domain::period::PeriodKind::{self, Month, Year};
use breeze::flow::rates::Cell;
use breeze::statistics::Sums;
use proptest::prelude::*;

const GOODS: [[&str; 3]; 4] = [KENYA, EGYPT, VIETNAM, ITALY];
const DAYS: [&str; 4] = ["2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01"];
const OFFICES: [&str; 2] = ["CNSHA", "CNTAO"];

prop_compose! {
    /// Up to sixty heaps of goods, each with its chance and its results.
    fn worlds()(
        heaps in prop::collection::vec((0..4_usize, 0..4_usize, 0..2_usize, 1..40_u64, "[pfon]{0,6}", 0..5_u64), 1..60)
    ) -> World {
        let mut world = World::default();
        for (goods, day, office, one_in, states, waiting) in heaps {
            let place = place(DAYS[day], OFFICES[office], GOODS[goods]);
            let rows = states.len() as u64;
            world.frame(&place, one_in, rows * one_in + 1).drawn(&place, one_in, &states);
            if waiting > 0 {
                world.waiting(&place, waiting);
            }
        }
        world
    }
}

fn total(cells: &[Cell]) -> (Sums, u64, u64) {
    let sums = cells.iter().map(|cell| cell.sums).sum();
    let declared = cells.iter().map(Cell::declared).sum();
    (sums, declared, cells.iter().map(|cell| cell.counts.drawn).sum())
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(1.0)
}

fn assert_same(one: &[Cell], other: &[Cell]) {
    let ((a, declared_a, drawn_a), (b, declared_b, drawn_b)) = (total(one), total(other));
    assert_eq!((a.n, a.failed, a.rows), (b.n, b.failed, b.rows));
    assert_eq!((declared_a, drawn_a), (declared_b, drawn_b));
    let pairs = [(a.w, b.w), (a.wy, b.wy), (a.a, b.a), (a.ay, b.ay), (a.b, b.b), (a.by, b.by)];
    assert!(pairs.into_iter().chain([(a.u, b.u)]).all(|(a, b)| near(a, b)), "{a:?} {b:?}");
}

proptest! {
    #[test]
    fn the_sums_of_disjoint_cells_are_those_of_the_whole(world in worlds()) {
        let whole = world.rates(&ask(Year, ""));
        for split in ["region", "office,country", "selection", "chapter,region", "heading"] {
            assert_same(&world.rates(&ask(Year, split)), &whole);
        }
        for period in PeriodKind::ALL {
            assert_same(&world.rates(&ask(period, "")), &whole);
        }
    }

    #[test]
    fn the_order_of_the_rows_does_not_move_a_bit(world in worlds(), turn in 0..60_usize) {
        let mut turned = world.clone();
        let middle = |rows: usize| turn.min(rows);
        turned.rows.drawn.reverse();
        turned.rows.frames.reverse();
        let (drawn, frames) = (turned.rows.drawn.len(), turned.rows.frames.len());
        turned.rows.drawn.rotate_left(middle(drawn));
        turned.rows.frames.rotate_left(middle(frames));
        for split in ["", "region", "country,office"] {
            let pairs = world.rates(&ask(Month, split));
            let pairs = pairs.iter().zip(turned.rates(&ask(Month, split))).collect::<Vec<_>>();
            for (one, other) in pairs {
                prop_assert_eq!(one.sums, other.sums);
                prop_assert_eq!(one.rate, other.rate);
                prop_assert_eq!((one.period, &one.labels), (other.period, &other.labels));
            }
        }
    }

    #[test]
    fn a_rate_lies_inside_its_interval_and_an_empty_one_is_empty(world in worlds()) {
        for cell in world.rates(&ask(Month, "region,office")) {
            let rate = cell.rate;
            match (rate.low, rate.estimated, rate.high) {
                (Some(low), Some(p), Some(high)) => {
                    prop_assert!(0.0 <= low && low <= p && p <= high && high <= 1.0);
                    prop_assert!(rate.inspected > 0);
                }
                nothing => prop_assert_eq!((nothing, rate.inspected), ((None, None, None), 0)),
            }
            let inspected = cell.counts.drawn - cell.counts.open - cell.counts.not_inspected;
            prop_assert_eq!(rate.inspected, inspected);
        }
    }
}

//! An exporter's past as it was known before a day.

use breeze::statistics::risk::{History, Outcome, Past, Streak};
use chrono::{Days, NaiveDate};
use proptest::prelude::*;

fn day(day: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap() + Days::new(day)
}

fn told(outcomes: &[(u64, &str, bool)]) -> History {
    let mut history = History::default();
    for &(on, number, failed) in outcomes {
        let severity = failed.then_some("major");
        history.tell(Outcome { exporter_id: "E1", day: day(on), number, failed, severity });
    }
    history
}

#[test]
fn a_stranger_has_no_past() {
    let none = Past { streak: Streak::None, last_severity: "none" };
    assert_eq!(History::default().before("E1", day(9)), none);
    assert_eq!(told(&[(1, "D1", true)]).before("E2", day(9)), none);
}

#[test]
fn a_result_of_the_day_itself_is_not_known_yet() {
    let history = told(&[(1, "D1", false), (2, "D2", true)]);
    assert_eq!(history.before("E1", day(1)).streak, Streak::None);
    assert_eq!(history.before("E1", day(2)).streak, Streak::P1);
    assert_eq!(history.before("E1", day(3)).streak, Streak::F1);
}

#[test]
fn results_of_one_day_stand_in_bytewise_order_of_number() {
    let history = told(&[(1, "D9", true), (1, "D10", false)]);
    assert_eq!(history.before("E1", day(2)), Past { streak: Streak::F1, last_severity: "major" });
}

#[test]
fn a_streak_counts_to_three() {
    let failures = [(1, "D1", true), (2, "D2", true), (3, "D3", true), (4, "D4", true)];
    let history = told(&failures);
    let streaks = [1, 2, 3, 4, 5].map(|on| history.before("E1", day(on)).streak.label());
    assert_eq!(streaks, ["none", "F1", "F2", "F3", "F3"]);
}

#[test]
fn what_is_told_again_replaces_what_was_told() {
    let history = told(&[(1, "D1", true), (1, "D1", false)]);
    assert_eq!(history.before("E1", day(2)), Past { streak: Streak::P1, last_severity: "pass" });
}

#[test]
fn ever_so_many_grades_are_told_apart() {
    let mut history = History::default();
    let grades: Vec<String> = (0..50_000).map(|n| format!("score-{n}")).collect();
    for (exporter_id, grade) in grades.iter().zip(&grades).chain(grades.iter().zip(&grades)) {
        let severity = Some(grade.as_str());
        history.tell(Outcome { exporter_id, day: day(1), number: "D1", failed: true, severity });
    }
    for grade in &grades {
        assert_eq!(history.before(grade, day(2)).last_severity, grade);
    }
}

#[test]
fn grades_are_kept_as_they_were_given() {
    let mut history = History::default();
    let outcome = Outcome {
        exporter_id: "E1",
        day: day(1),
        number: "D1",
        failed: false,
        severity: Some("good"),
    };
    history.tell(outcome);
    history.tell(Outcome { day: day(2), failed: true, severity: None, ..outcome });
    assert_eq!(history.before("E1", day(2)), Past { streak: Streak::P1, last_severity: "good" });
    assert_eq!(history.before("E1", day(3)), Past { streak: Streak::F1, last_severity: "fail" });
}

proptest! {
    #[test]
    fn the_order_of_telling_does_not_matter(
        outcomes in prop::collection::btree_map((0_u64..6, 0_u8..20), any::<bool>(), 0..30)
            .prop_map(|outcomes| outcomes.into_iter().collect::<Vec<_>>()),
        on in 0_u64..7,
        turn in 0_usize..30,
    ) {
        let numbers: Vec<String> = outcomes.iter().map(|((_, number), _)| format!("D{number}")).collect();
        let mut rows: Vec<_> =
            outcomes.iter().zip(&numbers).map(|((key, failed), number)| (key.0, number.as_str(), *failed)).collect();
        let history = told(&rows);
        let turned = turn.min(rows.len());
        rows.rotate_left(turned);
        let other = told(&rows);
        prop_assert_eq!(other.before("E1", day(on)), history.before("E1", day(on)));
        // The plain reading: sort what was known, count from the end.
        rows.sort_unstable();
        let known: Vec<bool> = rows.iter().filter(|row| row.0 < on).map(|row| row.2).collect();
        let streak = known.iter().fold(Streak::None, |streak, failed| streak.after(*failed));
        prop_assert_eq!(history.before("E1", day(on)).streak, streak);
    }
}

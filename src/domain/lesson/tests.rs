use super::*;
use crate::domain::draw::Candidate;
use crate::domain::inspection::{Amendment, Defect, ItemState};
use crate::domain::office::Office;
use chrono::{DateTime, Utc};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn calendar() -> Calendar {
    Office::registered("CNTAO".parse().unwrap(), chrono_tz::Asia::Shanghai, 30).calendar
}

fn item() -> SampleItem {
    SampleItem {
        draw_id: "CNTAO-20261124-1".into(),
        position: 1,
        office: "CNTAO".into(),
        day: "2026-11-24".parse().unwrap(),
        selection: draw::Selection::Directive,
        ticket: 0,
        interval: None,
        inspector: None,
        assignee: None,
        state: ItemState::Open,
        not_inspected_reason: None,
        inspected_by: None,
        contributions: Vec::new(),
        candidate: Candidate {
            declaration_number: "EXP-1".into(),
            region: "africa".into(),
            country: "KE".into(),
            commodity_code: "850760".into(),
            exporter_id: "E1".into(),
            rule: "all".into(),
            proportion_ppm: 1,
            factor: 65_536,
            take_all: true,
            pi: 1,
            scored: None,
            directive: None,
        },
    }
}

fn finding(outcome: Outcome, classes: &[DefectClass]) -> Finding {
    let defect = |class: &DefectClass| Defect { code: "x".into(), class: *class, count: 1 };
    Finding {
        inspector: Some("insp-07".parse().unwrap()),
        outcome,
        not_inspected_reason: None,
        inspected_at: at("2026-11-24T10:00:00Z"),
        units_inspected: None,
        units_nonconforming: None,
        defects: classes.iter().map(defect).collect(),
        note: None,
    }
}

/// An inspection of these results, recorded at those times.
fn inspection(results: &[(Finding, &str)]) -> Inspection {
    let (first, recorded_at) = results[0].clone();
    let amendment = |(at_index, (finding, recorded)): (usize, &(Finding, &str))| Amendment {
        number: u32::try_from(at_index).unwrap() + 1,
        reason: "second look".into(),
        finding: finding.clone(),
        recorded_at: at(recorded),
        recorded_by: "cli".into(),
        chain_sequence: 2,
    };
    Inspection {
        id: uuid::Uuid::nil(),
        draw_id: "CNTAO-20261124-1".into(),
        position: 1,
        office: "CNTAO".into(),
        declaration_number: "EXP-1".into(),
        finding: first,
        recorded_at: at(recorded_at),
        recorded_by: "cli".into(),
        chain_sequence: 1,
        amendments: results[1..].iter().enumerate().map(amendment).collect(),
    }
}

fn lesson(results: &[(Finding, &str)]) -> Option<Lesson> {
    Lesson::of_inspection(&inspection(results), &item(), &calendar())
}

#[test]
fn a_lesson_says_what_was_found_and_on_which_local_day_it_was_recorded() {
    // 17:00 UTC is one o'clock of the next day in Qingdao.
    let found = finding(Outcome::Fail, &[DefectClass::Minor, DefectClass::Major]);
    let expected = Lesson {
        declaration_number: "EXP-1".into(),
        exporter_id: "E1".into(),
        office: "CNTAO".into(),
        known_on: "2026-11-25".parse().unwrap(),
        failed: true,
        severity: "major".into(),
        inspector: Some("CNTAO/insp-07".into()),
        source: Source::Inspection,
        selection: Selection::Directive,
    };
    assert_eq!(lesson(&[(found, "2026-11-24T17:00:00Z")]), Some(expected));
}

#[test]
fn a_pass_has_one_severity_and_a_failure_without_defects_none_that_is_stated() {
    let severity = |outcome, classes: &[DefectClass]| {
        lesson(&[(finding(outcome, classes), "2026-11-24T01:00:00Z")]).map(|l| l.severity)
    };
    assert_eq!(severity(Outcome::Pass, &[DefectClass::Critical]).as_deref(), Some("pass"));
    assert_eq!(severity(Outcome::Fail, &[]).as_deref(), Some("unstated"));
    let all = [DefectClass::Minor, DefectClass::Critical];
    assert_eq!(severity(Outcome::Fail, &all).as_deref(), Some("critical"));
    assert_eq!(severity(Outcome::NotInspected, &[]), None);
}

#[test]
fn only_an_amendment_that_changes_the_lesson_moves_its_day() {
    let noted = Finding { note: Some("a word".into()), ..finding(Outcome::Pass, &[]) };
    let (pass, fail) = (finding(Outcome::Pass, &[]), finding(Outcome::Fail, &[]));
    let day = |results: &[(Finding, &str)]| lesson(results).unwrap().known_on.to_string();
    let (mon, tue, wed) = ("2026-11-23T01:00:00Z", "2026-11-24T01:00:00Z", "2026-11-25T01:00:00Z");
    assert_eq!(day(&[(pass.clone(), mon), (noted, tue)]), "2026-11-23");
    assert_eq!(day(&[(pass.clone(), mon), (fail.clone(), tue)]), "2026-11-24");
    // There and back again: it has said so since Wednesday only.
    assert_eq!(day(&[(pass.clone(), mon), (fail, tue), (pass.clone(), wed)]), "2026-11-25");
    let gone = finding(Outcome::NotInspected, &[]);
    assert_eq!(lesson(&[(pass.clone(), mon), (gone.clone(), tue)]), None);
    assert_eq!(day(&[(gone, mon), (pass, wed)]), "2026-11-25");
}

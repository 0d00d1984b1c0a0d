//! What a verification finds, and in which words.

use breeze::sampling::{
    file::{COMMITMENT, FRAME, Opening, REVEAL, ROSTER, SAMPLE},
    verify::{Bundle, Difference, Verdict, verify},
};

use crate::example::{Example, bundle, examples};

fn difference(bundle: &Bundle) -> Difference {
    match verify(bundle).verdict {
        Verdict::Differs(difference) => difference,
        agreed => panic!("no difference: {agreed:?}"),
    }
}

/// The first example with `from` replaced by `to` in one file.
fn changed(name: &str, from: &str, to: &str) -> Bundle {
    let mut bundle = bundle(&examples()[0]);
    let text = String::from_utf8(bundle.files[name].clone()).unwrap();
    assert!(text.contains(from), "{from} not in {text}");
    bundle.files.insert(name.into(), text.replacen(from, to, 1).into_bytes());
    bundle
}

fn without(names: &[&str]) -> Bundle {
    let mut bundle = bundle(&examples()[0]);
    bundle.files.retain(|name, _| !names.contains(&name.as_str()));
    bundle
}

#[test]
fn a_draw_as_it_was_made_verifies() {
    for example in examples() {
        let report = verify(&bundle(&example));
        // A beacon's value comes from elsewhere: the files alone cannot vouch for it.
        let beacon = String::from_utf8_lossy(&bundle(&example).files[FRAME]).contains("beacon:");
        let expected = if beacon { Verdict::VerifiedExceptBeacon } else { Verdict::Verified };
        assert_eq!(report.verdict, expected, "{}", report.line());
        assert_eq!(report.candidates, example.rows);
        assert_eq!(report.draw.unwrap().to_string(), "CNTAO-20261124-1");
    }
}

#[test]
fn every_single_bit_of_every_file_counts() {
    for bundle in examples().iter().map(bundle) {
        for (name, bytes) in &bundle.files {
            for (byte, bit) in (0..bytes.len()).flat_map(|byte| (0..8).map(move |b| (byte, b))) {
                let mut changed = bundle.clone();
                changed.files.get_mut(name).unwrap()[byte] ^= 1 << bit;
                assert!(!verify(&changed).agrees(), "{name}, bit {bit} of byte {byte}");
            }
        }
    }
}

#[test]
fn every_byte_lost_and_every_junk_behind_counts() {
    for bundle in examples().iter().map(bundle) {
        for (name, bytes) in &bundle.files {
            let with = |bytes: Vec<u8>| {
                let mut changed = bundle.clone();
                changed.files.insert(name.clone(), bytes);
                verify(&changed)
            };
            for end in 0..bytes.len() {
                assert!(!with(bytes[..end].to_vec()).agrees(), "{name} cut at {end}");
            }
            for junk in ["\n", " ", "\r\n", "\0", "-"] {
                let longer = [bytes, junk.as_bytes()].concat();
                assert!(!with(longer).agrees(), "{name} with {junk:?}");
            }
        }
    }
}

#[test]
fn every_row_left_out_counts() {
    for bundle in examples().iter().map(bundle) {
        for name in [FRAME, ROSTER, SAMPLE] {
            let text = String::from_utf8(bundle.files[name].clone()).unwrap();
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            for left_out in 0..lines.len() {
                let mut lines = lines.clone();
                lines.remove(left_out);
                let mut changed = bundle.clone();
                changed.files.insert(name.into(), lines.concat().into_bytes());
                assert!(!verify(&changed).agrees(), "{name} without line {}", left_out + 1);
            }
        }
    }
}

#[test]
fn the_verdict_is_one_plain_line() {
    let report = verify(&bundle(&examples()[0]));
    assert_eq!(
        report.line(),
        format!(
            "VERIFIED CNTAO-20261124-1: {} of 9 declarations drawn; every chance, ticket, hit and \
             assignment follows from the published files",
            report.drawn
        )
    );
    assert!(report.drawn > 0);
    let line = verify(&changed(FRAME, "\t65536\t0\t858993459\t", "\t65537\t0\t858993459\t")).line();
    assert_eq!(
        line,
        "DIFFERS CNTAO-20261124-1: frame.tsv line 14, pi: expected 859006566, found 858993459; the \
         chance of EXP-2026/00000 does not follow from proportion, factor, floor and capacity"
    );
}

#[test]
fn a_changed_pseudonym_shows_in_the_digest_of_the_frame() {
    let mut bundle = bundle(&examples()[0]);
    let frame = bundle.files.get_mut(FRAME).unwrap();
    let last = frame.len() - 2;
    frame[last] = if frame[last] == b'0' { b'1' } else { b'0' };
    let difference = difference(&bundle);
    assert_eq!((difference.file, difference.line, difference.field), (SAMPLE, Some(4), "#frame"));
}

#[test]
fn another_inspector_than_chance_gave_is_found() {
    let bundle = bundle(&examples()[0]);
    let text = String::from_utf8(bundle.files[SAMPLE].clone()).unwrap();
    let line = text.lines().position(|line| line.contains("insp-")).unwrap();
    let name = &text[text.find("insp-").unwrap()..][..7];
    let difference = difference(&changed(SAMPLE, name, "insp-99"));
    assert_eq!((difference.line, difference.field), (Some(line + 1), "inspector"));
    assert_eq!((difference.expected.as_str(), difference.found.as_str()), (name, "insp-99"));
}

#[test]
fn what_is_not_yet_revealed_is_said_to_be_closed() {
    let report = verify(&without(&[SAMPLE, REVEAL]));
    assert_eq!(report.verdict, Verdict::VerifiedSoFar { closed: vec![SAMPLE, REVEAL] });
    assert_eq!(
        report.line(),
        "VERIFIED SO FAR CNTAO-20261124-1: the chances of 9 declarations follow from the frame; \
         still closed are sample.tsv and reveal.txt"
    );
    assert!(report.notes.iter().any(|note| note.contains("SHA-256 of frame.tsv ")));
    let report = verify(&without(&[FRAME, ROSTER, SAMPLE, REVEAL]));
    assert_eq!(
        report.line(),
        "VERIFIED SO FAR: still closed are frame.tsv, roster.tsv, sample.tsv and reveal.txt"
    );
}

#[test]
fn a_file_that_should_be_here_is_missed_in_words() {
    let words = |names: &[&str]| verify(&without(names)).line();
    assert_eq!(
        words(&[SAMPLE]),
        "DIFFERS: sample.tsv: missing, while reveal.txt is here; sample and reveal leave together"
    );
    assert_eq!(
        words(&[REVEAL]),
        "DIFFERS: reveal.txt: missing, while sample.tsv is here; sample and reveal leave together"
    );
    assert_eq!(words(&[FRAME]), "DIFFERS: frame.tsv: missing; a revealed draw has all five files");
    assert_eq!(
        words(&[COMMITMENT, SAMPLE, REVEAL]),
        "DIFFERS: commitment.txt: missing; the commitment is published before anything else"
    );
    assert!(words(&[COMMITMENT, FRAME, ROSTER, SAMPLE, REVEAL]).contains("no file of a draw"));
}

#[test]
fn a_file_of_another_name_is_noted() {
    let mut bundle = bundle(&examples()[0]);
    bundle.files.insert("notes.txt".into(), b"hello".to_vec());
    let report = verify(&bundle);
    assert_eq!(report.verdict, Verdict::Verified);
    assert!(report.notes.contains(&"`notes.txt` is no file of a draw; not looked at".into()));
}

#[test]
fn a_report_says_whom_it_trusts() {
    let note = |example: &Example| verify(&bundle(example)).notes[0].clone();
    let [plain, audited, beacon, _] = examples();
    assert!(note(&plain).starts_with("entropy none: operator-trusted. One key"));
    assert!(note(&audited).starts_with("entropy auditor: "));
    assert!(note(&beacon).starts_with("entropy beacon: value not checked."));
    for example in &examples() {
        let notes = verify(&bundle(example)).notes;
        let compare =
            notes.iter().filter(|note| note.starts_with("compare with what was published"));
        assert_eq!(compare.count(), 1, "whoever remakes all files makes them agree: {notes:?}");
    }
}

#[test]
fn another_entropy_than_the_header_names_is_found() {
    let mut bundle = bundle(&examples()[0]);
    let line = format!("auditor\t{}\n", "00".repeat(32));
    bundle.files.get_mut(REVEAL).unwrap().extend(line.bytes());
    let difference = difference(&bundle);
    assert_eq!((difference.file, difference.line), (REVEAL, Some(2)));
    assert_eq!(difference.words, "frame.tsv line 10 names entropy `none`");
}

#[test]
fn a_round_that_came_before_the_frame_closed_is_found() {
    // Round 27,946,612 of quicknet came at midnight of 2026-04-20, long before the frame closed.
    for (chain, round, early) in
        [("quicknet", 27_946_612, true), ("quicknet", 99_999_999, false), ("league", 1, false)]
    {
        let mut bundle = bundle(&examples()[2]);
        bundle.files.retain(|name, _| [COMMITMENT, FRAME].contains(&name.as_str()));
        let frame = String::from_utf8(bundle.files[FRAME].clone()).unwrap();
        let frame = frame.replace("beacon:league:4711", &format!("beacon:{chain}:{round}"));
        bundle.files.insert(FRAME.into(), frame.into_bytes());
        assert_eq!(verify(&bundle).agrees(), !early, "{chain} {round}");
        if early {
            let difference = difference(&bundle);
            assert_eq!((difference.file, difference.line), (FRAME, Some(10)));
            assert!(difference.words.ends_with("was known when the frame closed"));
        }
    }
}

#[test]
fn what_the_auditor_withholds_is_said_to_be_closed() {
    let mut bundle = bundle(&examples()[1]);
    let reveal = String::from_utf8(bundle.files[REVEAL].clone()).unwrap();
    let (secret, _) = reveal.split_once("auditor").unwrap();
    bundle.files.insert(REVEAL.into(), format!("{secret}auditor\t-\n").into_bytes());
    let report = verify(&bundle);
    let closed = vec!["the auditor's secret in reveal.txt"];
    assert_eq!(report.verdict, Verdict::VerifiedSoFar { closed });
    assert!(report.line().ends_with("; still closed is the auditor's secret in reveal.txt"));
    assert!(report.notes.iter().any(|note| note.starts_with("the auditor's secret was not given")));
    assert!(report.drawn > 0, "the sample is drawn again from its seed");
    // The seed is taken as published, the rest is not.
    let sample = bundle.files.get_mut(SAMPLE).unwrap();
    let last = sample.len() - 2;
    sample[last] = if sample[last] == b'1' { b'2' } else { b'1' };
    assert!(!verify(&bundle).agrees());
}

#[test]
fn a_day_that_was_diluted_or_drawn_late_is_noted() {
    let crowded = Example { rows: 40, capacity: 1, opening: Opening::None, inspectors: 1 };
    let notes = verify(&bundle(&crowded)).notes;
    assert!(notes.iter().any(|note| note.contains("all chances shrank to ")), "{notes:?}");
    let late = changed(FRAME, "#closed_at\t2026-11-24", "#closed_at\t2026-11-26");
    let notes = verify(&late).notes;
    assert!(notes.iter().any(|note| note.starts_with("retrospective: ")), "{notes:?}");
}

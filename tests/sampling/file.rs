//! The published files: one spelling, and precise words for every other.

use breeze::sampling::{
    draw::{DrawError, draw},
    file::{
        COMMITMENT, FRAME, Frame, Opening, REVEAL, ROSTER, Released, Reveal, Roster, SAMPLE,
        Sample, commitment_bytes, parse_commitment, sha256_hex,
    },
};

use crate::example::{Example, bundle, examples, made, secret};

#[test]
fn what_is_written_reads_back_and_writes_the_same_bytes() {
    for example in examples() {
        made(&example, |frame, roster, sample, reveal| {
            assert_eq!(Frame::parse(&frame.to_bytes()).as_ref(), Ok(frame));
            assert_eq!(Roster::parse(&roster.to_bytes()).as_ref(), Ok(roster));
            assert_eq!(Sample::parse(&sample.to_bytes()).as_ref(), Ok(sample));
            assert_eq!(Reveal::parse(&reveal.to_bytes()).as_ref(), Ok(reveal));
            let commitment = frame.header().commitment;
            assert_eq!(parse_commitment(&commitment_bytes(&commitment)), Ok(commitment));
        });
    }
}

/// Parses the file of this name and writes it again.
fn rewritten(name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    match name {
        COMMITMENT => parse_commitment(bytes).ok().map(|read| commitment_bytes(&read)),
        FRAME => Frame::parse(bytes).ok().map(|read| read.to_bytes()),
        ROSTER => Roster::parse(bytes).ok().map(|read| read.to_bytes()),
        SAMPLE => Sample::parse(bytes).ok().map(|read| read.to_bytes()),
        REVEAL => Reveal::parse(bytes).ok().map(|read| read.to_bytes()),
        _ => None,
    }
}

#[test]
fn whatever_parses_after_a_bit_changed_is_written_with_that_bit() {
    for (name, bytes) in examples().iter().flat_map(|example| bundle(example).files) {
        assert_eq!(rewritten(&name, &bytes).as_deref(), Some(&*bytes));
        for (byte, bit) in (0..bytes.len()).flat_map(|byte| (0..8).map(move |bit| (byte, bit))) {
            let mut changed = bytes.clone();
            changed[byte] ^= 1 << bit;
            if let Some(again) = rewritten(&name, &changed) {
                assert_eq!(again, changed, "{name}, bit {bit} of byte {byte}");
            }
        }
    }
}

#[test]
fn every_file_cut_short_or_with_junk_behind_is_refused_or_written_as_it_stands() {
    for (name, bytes) in examples().iter().flat_map(|example| bundle(example).files) {
        for end in 0..bytes.len() {
            let cut = &bytes[..end];
            assert!(rewritten(&name, cut).is_none_or(|again| again == cut), "{name} cut at {end}");
        }
        for junk in ["\n", " ", "\r\n", "\0", "x", "#seed\n"] {
            let longer = [&bytes, junk.as_bytes()].concat();
            assert_eq!(rewritten(&name, &longer), None, "{name} with {junk:?}");
        }
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(rewritten(&name, text.replace('\n', "\r\n").as_bytes()), None, "{name}, CRLF");
        assert_eq!(rewritten(&name, format!("\u{feff}{text}").as_bytes()), None, "{name}, BOM");
        assert_eq!(rewritten(&name, text.trim_end().as_bytes()), None, "{name}, last LF");
    }
}

/// The words about `frame.tsv` of the first example with `from` replaced by `to`.
fn words(from: &str, to: &str) -> String {
    let bytes = bundle(&examples()[0]).files.remove(FRAME).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(from), "{from}");
    Frame::parse(text.replacen(from, to, 1).as_bytes()).unwrap_err().to_string()
}

#[test]
fn errors_name_file_line_and_field() {
    assert_eq!(
        words("#round\t1", "#round\t01"),
        "frame.tsv line 4, #round: expected a whole number from 1 to 4294967295 without sign or \
         leading zero, found `01`"
    );
    assert_eq!(
        words("#day\t20261124", "#day\t20261131"),
        "frame.tsv line 3, #day: expected a day as YYYYMMDD, found `20261131`"
    );
    assert_eq!(
        words("#capacity\t20\n#floor_ppm\t5000", "#floor_ppm\t5000\n#capacity\t20"),
        "frame.tsv line 5, #capacity: expected `#capacity`, TAB and a value, found \
         `#floor_ppm\\t5000`"
    );
    assert_eq!(
        words("EXP-2026/00003", "EXP-2026/00002"),
        "frame.tsv line 17, declaration_number: expected numbers in ascending bytewise order, so \
         one after `EXP-2026/00002`, found `EXP-2026/00002`"
    );
    assert_eq!(
        words("africa/85\t", "africa|85\t"),
        "frame.tsv line 14, stratum: expected 1 to 40 characters out of A-Z a-z 0-9 . _ / -, found \
         `africa|85`"
    );
    assert_eq!(
        words("\t0\t", "\t2\t"),
        "frame.tsv line 14, take_all: expected a whole number from 0 to 1 without sign or leading \
         zero, found `2`"
    );
    assert_eq!(
        words("\n#office", "\r\n#office"),
        "frame.tsv line 1, line: expected LF alone at the end of the line, found CR LF"
    );
}

#[test]
fn an_inspector_called_hyphen_would_read_as_nobody_and_is_refused() {
    let refused = Roster::parse(b"inspector\troom\tconflicts\n-\t1\t\n").unwrap_err();
    assert_eq!((refused.line, refused.field), (2, "inspector"));
}

#[test]
fn the_same_frame_and_seed_give_the_same_bytes_for_ever() {
    let digests: Vec<String> =
        examples().iter().map(|example| sha256_hex(&bundle(example).files[SAMPLE])).collect();
    // A change here means that published draws no longer verify.
    assert_eq!(digests, PINNED);
}

const PINNED: [&str; 4] = [
    "90b13a641afe5a6c56fef11d81661aa08ae152aae7a660f9fa1fd1d0ba67bc45",
    "db06c0305a9f01f9a8c1e31b3c38fbc470f7dd7dc545ec25125ffec5e3c45b78",
    "5b49e9e7680c458f5f2f2e9ae287d92a1d272eb6c6c2b8deabd51192a407605a",
    "f907af0a138e1459da9b0a1bbfb6c9f58b8f7da409e11846be25ff9407b47fc5",
];

#[test]
fn nothing_is_drawn_with_other_secret_roster_or_entropy_than_the_frame_names() {
    let [plain, audited, ..] = examples();
    made(&plain, |frame, roster, _, _| {
        let refused = draw(frame, roster, &[0; 32], &Released::None);
        assert_eq!(refused, Err(DrawError::Secret));
        let refused = draw(frame, &Roster::default(), &secret(), &Released::None);
        assert!(matches!(refused, Err(DrawError::Roster { .. })));
        let refused = draw(frame, roster, &secret(), &Released::Beacon(vec![0; 32]));
        assert_eq!(refused, Err(DrawError::Entropy("none".into())));
    });
    made(&audited, |frame, roster, _, _| {
        let refused = draw(frame, roster, &secret(), &Released::None);
        assert!(matches!(refused, Err(DrawError::Entropy(named)) if named.starts_with("auditor:")));
    });
}

#[test]
fn a_released_value_changes_the_whole_draw() {
    let seed = |a| {
        let opening = Opening::Auditor([a; 32]);
        let example = Example { rows: 16, capacity: 4, opening, inspectors: 4 };
        made(&example, |_, _, sample, _| sample.seed)
    };
    assert_ne!(seed(1), seed(2));
}

#[test]
fn a_frame_sorts_its_rows_and_refuses_a_declaration_twice() {
    made(&examples()[1], |frame, _, _, _| {
        let header = || frame.header().clone();
        let reversed: Vec<_> = frame.rows().iter().rev().copied().collect();
        assert_eq!(Frame::new(header(), reversed).as_ref(), Ok(frame));
        let twice: Vec<_> = frame.rows().iter().chain(frame.rows().last()).copied().collect();
        let refused = Frame::new(header(), twice).unwrap_err();
        assert_eq!((refused.line, refused.field), (30, "declaration_number"));
        let mut header = header();
        header.office = "CN\nTAO".into();
        assert_eq!(Frame::new(header, Vec::new()).unwrap_err().field, "#day");
    });
}

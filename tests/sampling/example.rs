//! Small whole draws, for tests of files and verification.

use std::collections::BTreeMap;

use breeze::sampling::{
    allocate::{Candidate, allocate},
    assign::Inspector,
    draw::draw,
    file::{
        COMMITMENT, Entropy, FRAME, Frame, FrameHeader, FrameRow, Opening, REVEAL, ROSTER, Reveal,
        Roster, SAMPLE, Sample, Version, commitment_bytes,
    },
    ticket::{DrawId, auditor_commitment, commitment, draw_secret, exporter_pseudonym},
    verify::Bundle,
};

const ID: DrawId = DrawId { office: "CNTAO", day: "20261124", round: 1 };

/// What a draw of the examples is made of.
pub struct Example {
    pub rows: usize,
    pub capacity: u64,
    pub opening: Opening,
    pub inspectors: usize,
}

pub fn secret() -> [u8; 32] {
    draw_secret(&[7; 32], &ID)
}

fn roster(inspectors: usize) -> Roster {
    let conflicts = |i| match i % 3 {
        0 => [].into(),
        1 => [exporter_pseudonym(&secret(), "exporter-0")].into(),
        _ => [1, 2].map(|i| exporter_pseudonym(&secret(), &format!("exporter-{i}"))).into(),
    };
    let inspector = |i| Inspector { id: format!("insp-{i:02}"), room: 1, conflicts: conflicts(i) };
    Roster::new((0..inspectors).map(inspector).collect()).unwrap()
}

fn entropy(opening: &Opening) -> Entropy {
    match opening {
        Opening::None => Entropy::None,
        Opening::Auditor(a) => Entropy::Auditor { commitment: auditor_commitment(&ID, a) },
        Opening::AuditorWithheld => unreachable!("no draw is made without a release"),
        Opening::Beacon(_) => Entropy::Beacon { chain: "league".into(), round: 4_711 },
    }
}

fn header(example: &Example, roster: &Roster) -> FrameHeader {
    FrameHeader {
        office: ID.office.into(),
        day: ID.day.into(),
        round: ID.round,
        capacity: example.capacity,
        floor_ppm: 5_000,
        closed_at: "2026-11-24T01:00:00Z".into(),
        policy: Version { id: "default".into(), version: 3, sha256: [0xab; 32] },
        risk_model: example.rows.is_multiple_of(2).then(|| Version {
            id: "additive".into(),
            version: 12,
            sha256: [0x0c; 32],
        }),
        entropy: entropy(&example.opening),
        roster: roster.sha256(),
        commitment: commitment(&ID, &secret()),
    }
}

fn rows<'a>(numbers: &'a [String], capacity: u64) -> Vec<FrameRow<'a>> {
    let factors = [65_536, 30_000, 150_733, 524_288];
    let strata = ["africa/85", "latin-america/08", "asia/85"];
    let candidate = |(i, number): (usize, &'a String)| Candidate {
        number,
        proportion_ppm: 200_000,
        factor: factors[i % 4],
        take_all: i % 7 == 5,
    };
    let candidates: Vec<Candidate> = numbers.iter().enumerate().map(candidate).collect();
    let pi = allocate(capacity, 5_000, &candidates).unwrap().pi;
    let row = |(i, (candidate, pi)): (usize, (Candidate<'a>, u64))| FrameRow {
        number: candidate.number,
        stratum: strata[i % 3],
        rule: "africa-electrical",
        proportion_ppm: candidate.proportion_ppm,
        factor: candidate.factor,
        take_all: candidate.take_all,
        pi,
        exporter: exporter_pseudonym(&secret(), &format!("exporter-{}", i % 5)),
    };
    candidates.into_iter().zip(pi).enumerate().map(row).collect()
}

/// Frame, roster, sample and reveal, made as the service makes them, handed to `with`.
pub fn made<T>(example: &Example, with: impl FnOnce(&Frame, &Roster, &Sample, &Reveal) -> T) -> T {
    let numbers: Vec<String> = (0..example.rows).map(|i| format!("EXP-2026/{i:05}")).collect();
    let roster = roster(example.inspectors);
    let rows = rows(&numbers, example.capacity);
    let frame = Frame::new(header(example, &roster), rows).unwrap();
    let released = example.opening.released(&frame.sha256()).unwrap();
    let sample = draw(&frame, &roster, &secret(), &released).unwrap();
    let reveal = Reveal { secret: secret(), opening: example.opening.clone() };
    with(&frame, &roster, &sample, &reveal)
}

/// The published files.
pub fn bundle(example: &Example) -> Bundle {
    made(example, |frame, roster, sample, reveal| {
        let files = [
            (COMMITMENT, commitment_bytes(&frame.header().commitment)),
            (FRAME, frame.to_bytes()),
            (ROSTER, roster.to_bytes()),
            (SAMPLE, sample.to_bytes()),
            (REVEAL, reveal.to_bytes()),
        ];
        let files = files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes));
        Bundle { files: files.collect::<BTreeMap<_, _>>() }
    })
}

/// One of each kind: plain, with an auditor and a day too full, with a beacon and no roster, empty.
pub fn examples() -> [Example; 4] {
    [
        Example { rows: 9, capacity: 20, opening: Opening::None, inspectors: 3 },
        Example { rows: 16, capacity: 4, opening: Opening::Auditor([9; 32]), inspectors: 4 },
        Example { rows: 5, capacity: 2, opening: Opening::Beacon(vec![0x5a; 32]), inspectors: 0 },
        Example { rows: 0, capacity: 2, opening: Opening::None, inspectors: 2 },
    ]
}

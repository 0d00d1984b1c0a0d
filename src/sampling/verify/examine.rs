//! The steps of a verification, in the order in which the files were published.

use super::{Bundle, Difference, Report, presence};
use crate::domain::entropy::Chain;
use crate::sampling::{
    draw::{draw_closed, from_seed},
    file::{
        COMMITMENT, Entropy, FRAME, Frame, FrameHeader, Opening, Place, REVEAL, ROSTER, Reveal,
        Roster, SAMPLE, Sample, SampleRow, days_between, parse_commitment, sha256,
    },
    ticket::{Digest, auditor_commitment, commitment},
};
use chrono::{DateTime, SecondsFormat};

/// Line of `#entropy` in `frame.tsv`.
const ENTROPY_LINE: usize = 10;
/// Line of `#commitment` in `frame.tsv`.
const COMMITMENT_LINE: usize = 12;

/// What is closed where the auditor has not given the own secret.
const AUDITORS_SECRET: &str = "the auditor's secret in reveal.txt";
/// What a reader should know then.
const WITHHELD: &str = "the auditor's secret was not given: sample.tsv follows from its seed, but \
     whether the seed follows from secret and release cannot be checked";

/// Fills the report and answers with what is still closed.
pub fn examine(bundle: &Bundle, report: &mut Report) -> Result<Vec<&'static str>, Difference> {
    report.notes.extend(presence::strangers(bundle));
    let mut closed = presence::closed(bundle)?;
    let committed = bundle.get(COMMITMENT).map(parse_commitment).transpose()?;
    let roster_bytes = bundle.get(ROSTER);
    let roster = roster_bytes.map(Roster::parse).transpose()?;
    let Some(frame_bytes) = bundle.get(FRAME) else {
        return Ok(closed);
    };
    let frame = Frame::parse(frame_bytes)?;
    let frame_sha256 = sha256(frame_bytes);
    report.draw = Some(frame.header().draw_id().into());
    report.candidates = frame.rows().len();
    note_header(frame.header(), report);
    note_published(frame.header(), &frame_sha256, report);
    check_header(frame.header(), committed, roster_bytes)?;
    check_chances(&frame, report)?;
    let (Some(reveal), Some(sample)) = (bundle.get(REVEAL), bundle.get(SAMPLE)) else {
        return Ok(closed);
    };
    let reveal = Reveal::parse(reveal)?;
    check_reveal(frame.header(), &reveal)?;
    let sample = Sample::parse(sample)?;
    let roster = roster.unwrap_or_default();
    if reveal.opening == Opening::AuditorWithheld {
        closed.push(AUDITORS_SECRET);
        report.notes.push(WITHHELD.into());
    }
    let recomputed = recompute((&frame, &frame_sha256), &roster, &reveal, sample.seed)?;
    report.drawn = recomputed.rows.len();
    check_sample(&recomputed, &sample)?;
    Ok(closed)
}

/// Commitment and roster are those that the header of the frame names.
fn check_header(
    header: &FrameHeader,
    committed: Option<Digest>,
    roster: Option<&[u8]>,
) -> Result<(), Difference> {
    if let Some(committed) = committed.filter(|committed| *committed != header.commitment) {
        let words = "the header of the frame names another commitment than commitment.txt";
        return Err(Difference::of_file(FRAME, words)
            .at(COMMITMENT_LINE, "#commitment")
            .with(hex::encode(committed), hex::encode(header.commitment)));
    }
    if let Some(sha256) = roster.map(sha256).filter(|sha256| *sha256 != header.roster) {
        let words = "SHA-256 of roster.tsv is not the one that the header of the frame names";
        return Err(Difference::of_file(ROSTER, words)
            .with(hex::encode(header.roster), hex::encode(sha256)));
    }
    check_round(header)
}

/// The round of a beacon comes after the frame has closed. Of a chain that is not known here only its own
/// record can tell.
fn check_round(header: &FrameHeader) -> Result<(), Difference> {
    let Entropy::Beacon { chain, round } = &header.entropy else {
        return Ok(());
    };
    let comes = Chain::find(chain).and_then(|chain| chain.time_of(*round));
    let closed = DateTime::parse_from_rfc3339(&header.closed_at).ok();
    match comes.zip(closed).filter(|(comes, closed)| comes <= closed) {
        None => Ok(()),
        Some((comes, _)) => {
            let words = "the value of the beacon's round was known when the frame closed";
            let found = comes.to_rfc3339_opts(SecondsFormat::Secs, true);
            Err(Difference::of_file(FRAME, words)
                .at(ENTROPY_LINE, "#entropy")
                .with(format!("a round after {}", header.closed_at), format!("one of {found}")))
        }
    }
}

/// π of every row follows from proportion, factor, floor, capacity and directives.
fn check_chances(frame: &Frame, report: &mut Report) -> Result<(), Difference> {
    let allocation = frame.allocation();
    let allocation = allocation.map_err(|error| Difference::of_file(FRAME, error.to_string()))?;
    let rows = (Frame::FIRST_ROW..).zip(frame.rows()).zip(&allocation.pi);
    for ((line, row), &pi) in rows {
        if row.pi != pi {
            let words = format!(
                "the chance of {} does not follow from proportion, factor, floor and capacity",
                row.number
            );
            return Err(Difference::of_file(FRAME, words).at(line, "pi").with(pi, row.pi));
        }
    }
    if allocation.shrink_ppm() < 500_000 {
        report.notes.push(format!(
            "the day asked for more than twice its room: all chances shrank to {}.{:04} %",
            allocation.shrink_ppm() / 10_000,
            allocation.shrink_ppm() % 10_000
        ));
    }
    Ok(())
}

/// Secret and entropy are those that were committed to.
fn check_reveal(header: &FrameHeader, reveal: &Reveal) -> Result<(), Difference> {
    let id = header.draw_id();
    let opened = commitment(&id, &reveal.secret);
    if opened != header.commitment {
        let words = "the secret does not open the commitment of this office, day and round";
        return Err(Difference::of_file(REVEAL, words)
            .at(1, "secret")
            .with(hex::encode(header.commitment), hex::encode(opened)));
    }
    match (&header.entropy, &reveal.opening) {
        (Entropy::None, Opening::None)
        | (Entropy::Auditor { .. }, Opening::AuditorWithheld)
        | (Entropy::Beacon { .. }, Opening::Beacon(_)) => Ok(()),
        (Entropy::Auditor { commitment }, Opening::Auditor(a)) => {
            let opened = auditor_commitment(&id, a);
            if opened == *commitment {
                return Ok(());
            }
            let words = "the auditor's secret does not open the commitment in the header";
            Err(Difference::of_file(REVEAL, words)
                .at(2, "auditor")
                .with(hex::encode(commitment), hex::encode(opened)))
        }
        (named, opening) => Err(other_entropy(named, opening)),
    }
}

fn other_entropy(named: &Entropy, opening: &Opening) -> Difference {
    let found = match opening {
        Opening::None => "no line besides the secret",
        Opening::Auditor(_) | Opening::AuditorWithheld => "`auditor`",
        Opening::Beacon(_) => "`beacon`",
    };
    let expected = match named {
        Entropy::None => "no line besides the secret",
        Entropy::Auditor { .. } => "`auditor`",
        Entropy::Beacon { .. } => "`beacon`",
    };
    let words = format!("frame.tsv line {ENTROPY_LINE} names entropy `{named}`");
    Difference::of_file(REVEAL, words).at(2, "entropy").with(expected, found)
}

/// Draws again; from the seed as it was published where the auditor's secret is withheld.
fn recompute(
    (frame, frame_sha256): (&Frame, &Digest),
    roster: &Roster,
    reveal: &Reveal,
    published: Digest,
) -> Result<Sample, Difference> {
    let sample = match reveal.opening.released(frame_sha256) {
        Some(released) => draw_closed(frame, frame_sha256, roster, &reveal.secret, &released),
        None => from_seed(frame, frame_sha256, roster, published),
    };
    sample.map_err(|error| Difference::of_file(FRAME, error.to_string()))
}

/// The sample that was published is the one recomputed.
fn check_sample(recomputed: &Sample, published: &Sample) -> Result<(), Difference> {
    let differ = |line, field, words: &str| Difference::of_file(SAMPLE, words).at(line, field);
    if recomputed.frame != published.frame {
        let words = "SHA-256 of frame.tsv is another: one of the two files was changed";
        return Err(differ(4, "#frame", words)
            .with(hex::encode(recomputed.frame), hex::encode(published.frame)));
    }
    if recomputed.seed != published.seed {
        let words = "the seed does not follow from secret and entropy";
        return Err(differ(2, "#seed", words)
            .with(hex::encode(recomputed.seed), hex::encode(published.seed)));
    }
    if recomputed.start != published.start {
        let words = "the start does not follow from the seed";
        return Err(differ(3, "#start", words).with(recomputed.start, published.start));
    }
    for (line, (ours, theirs)) in
        (Sample::FIRST_ROW..).zip(recomputed.rows.iter().zip(&published.rows))
    {
        check_row(line, ours, theirs)?;
    }
    if recomputed.rows.len() != published.rows.len() {
        let line = Sample::FIRST_ROW + recomputed.rows.len().min(published.rows.len());
        let words = "the list is longer or shorter than the draw";
        let rows = |sample: &Sample| format!("{} rows", sample.rows.len());
        return Err(differ(line, "position", words).with(rows(recomputed), rows(published)));
    }
    Ok(())
}

fn check_row(line: usize, ours: &SampleRow, theirs: &SampleRow) -> Result<(), Difference> {
    let pairs = [
        ("declaration_number", ours.number.clone(), theirs.number.clone()),
        ("ticket", ours.ticket.to_string(), theirs.ticket.to_string()),
        ("cumulated_from", place(ours, 0), place(theirs, 0)),
        ("cumulated_to", place(ours, 1), place(theirs, 1)),
        ("hit", place(ours, 2), place(theirs, 2)),
        ("inspector", inspector(ours), inspector(theirs)),
    ];
    match pairs.into_iter().find(|(_, ours, theirs)| ours != theirs) {
        None => Ok(()),
        Some((field, ours, theirs)) => {
            let words = "the draw, recomputed, says otherwise";
            Err(Difference::of_file(SAMPLE, words).at(line, field).with(ours, theirs))
        }
    }
}

fn place(row: &SampleRow, field: usize) -> String {
    match row.place {
        Place::Certain => "-".into(),
        Place::Drawn { cumulated_from, cumulated_to, hit } => {
            [cumulated_from, cumulated_to, hit].get(field).map_or("-".into(), u64::to_string)
        }
    }
}

fn inspector(row: &SampleRow) -> String {
    row.inspector.clone().unwrap_or("-".into())
}

/// What the header says about trust.
fn note_header(header: &FrameHeader, report: &mut Report) {
    report.unchecked_beacon = matches!(header.entropy, Entropy::Beacon { .. });
    report.notes.push(match &header.entropy {
        Entropy::None => {
            "entropy none: operator-trusted. One key made this draw; who held it before \
                          the frame closed could predict and steer it"
                .into()
        }
        Entropy::Auditor { .. } => {
            "entropy auditor: neither operator nor auditor alone could predict \
                                    or steer this draw"
                .into()
        }
        Entropy::Beacon { chain, round } => format!(
            "entropy beacon: value not checked. Compare round {round} of chain {chain} with the \
             chain's own record, and that it came after {}",
            header.closed_at
        ),
    });
    // The last cut-off on Earth of a day falls on the next day in UTC.
    if days_between(&header.day, &header.closed_at).is_some_and(|days| days > 1) {
        report.notes.push(format!(
            "retrospective: the frame closed at {}, after its day. The commitment may have been made \
             with the draw and binds less",
            header.closed_at
        ));
    }
}

/// Whoever makes all files anew makes them agree; only what was published earlier tells.
fn note_published(header: &FrameHeader, frame_sha256: &Digest, report: &mut Report) {
    report.notes.push(format!(
        "compare with what was published before: commitment {}, SHA-256 of frame.tsv {}",
        hex::encode(header.commitment),
        hex::encode(frame_sha256)
    ));
}

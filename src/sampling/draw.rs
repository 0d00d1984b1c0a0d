//! The draw: seed → tickets → selection → assignment → `sample.tsv`.

use super::{
    assign::{Item, assign},
    file::{Entropy, Frame, FrameRow, Place, Released, Roster, Sample, SampleRow},
    select::{SelectError, Selection, select},
    ticket::{Digest, Tickets, commitment, seed},
};

/// Why the draw was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// Another master key, office, day or round than when the commitment was made.
    #[error("the secret does not open the commitment in the header of the frame")]
    Secret,
    /// The frame was closed with another roster.
    #[error("the header of the frame names another roster (SHA-256 {named}, given {given})")]
    Roster {
        /// Digest in the header, hex.
        named: String,
        /// Digest of the roster given, hex.
        given: String,
    },
    /// The header names another entropy than was released.
    #[error(
        "the header of the frame names entropy `{0}`, and what was released is of another kind"
    )]
    Entropy(String),
    /// The frame cannot be drawn from.
    #[error(transparent)]
    Select(#[from] SelectError),
}

/// Draws from a closed frame.
///
/// `secret` is the secret of this draw, `released` what came in after the closing. Frame and roster
/// are those whose digests were published; the chances are taken as they stand in the frame.
///
/// # Errors
/// Secret, roster or entropy are not those that the header of the frame names.
pub fn draw(
    frame: &Frame,
    roster: &Roster,
    secret: &Digest,
    released: &Released,
) -> Result<Sample, DrawError> {
    draw_closed(frame, &frame.sha256(), roster, secret, released)
}

/// [`draw`], where the digest of `frame.tsv` is known from its closing.
///
/// # Errors
/// As [`draw`].
pub fn draw_closed(
    frame: &Frame,
    frame_sha256: &Digest,
    roster: &Roster,
    secret: &Digest,
    released: &Released,
) -> Result<Sample, DrawError> {
    check(frame, roster, secret, released)?;
    let seed = seed(secret, &frame.header().draw_id(), &released.parts());
    from_seed(frame, frame_sha256, roster, seed)
}

/// What a seed draws from a closed frame, whatever it was made from.
pub(super) fn from_seed(
    frame: &Frame,
    frame_sha256: &Digest,
    roster: &Roster,
    seed: Digest,
) -> Result<Sample, DrawError> {
    let tickets = Tickets::new(&seed);
    let selection = select(&tickets, frame.rows())?;
    let rows = sample_rows(frame, roster, &tickets, &selection);
    Ok(Sample { seed, start: selection.start, frame: *frame_sha256, rows })
}

fn check(
    frame: &Frame,
    roster: &Roster,
    secret: &Digest,
    released: &Released,
) -> Result<(), DrawError> {
    let header = frame.header();
    if commitment(&header.draw_id(), secret) != header.commitment {
        return Err(DrawError::Secret);
    }
    let given = roster.sha256();
    if given != header.roster {
        let named = hex::encode(header.roster);
        return Err(DrawError::Roster { named, given: hex::encode(given) });
    }
    match (&header.entropy, released) {
        (Entropy::None, Released::None)
        | (Entropy::Auditor { .. }, Released::Auditor(_))
        | (Entropy::Beacon { .. }, Released::Beacon(_)) => Ok(()),
        (named, _) => Err(DrawError::Entropy(named.to_string())),
    }
}

/// First the certain rows, then those hit, each in the order of the line; with their inspectors.
fn sample_rows(
    frame: &Frame,
    roster: &Roster,
    tickets: &Tickets,
    selection: &Selection,
) -> Vec<SampleRow> {
    let certain = selection.certain.iter().map(|&row| (row, Place::Certain));
    let hit = selection.drawn.iter().map(|hit| {
        let (cumulated_from, cumulated_to) = (hit.cumulated_from, hit.cumulated_to);
        (hit.row, Place::Drawn { cumulated_from, cumulated_to, hit: hit.hit })
    });
    let drawn: Vec<(&FrameRow, Place)> =
        certain.chain(hit).filter_map(|(row, place)| Some((row_at(frame, row)?, place))).collect();
    let items = drawn.iter().map(|(row, _)| Item { number: row.number, exporter: row.exporter });
    let items: Vec<Item> = items.collect();
    let inspectors = assign(tickets, &items, roster.inspectors());
    let with_inspector = drawn.iter().zip(inspectors);
    with_inspector
        .map(|((row, place), inspector)| SampleRow {
            number: row.number.to_owned(),
            ticket: tickets.ticket(row.number),
            place: *place,
            inspector: inspector.and_then(|i| Some(roster.inspectors().get(i)?.id.clone())),
        })
        .collect()
}

fn row_at<'f, 'a>(frame: &'f Frame<'a>, row: u32) -> Option<&'f FrameRow<'a>> {
    frame.rows().get(usize::try_from(row).ok()?)
}

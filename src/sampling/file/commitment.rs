//! `commitment.txt`: the commitment in hex, one line.

use super::{
    COMMITMENT, FileError,
    reader::{Field, Reader},
};
use crate::sampling::ticket::Digest;

/// `commitment.txt` of this commitment.
pub fn commitment_bytes(commitment: &Digest) -> Vec<u8> {
    let mut line = hex::encode(commitment);
    line.push('\n');
    line.into_bytes()
}

/// Reads `commitment.txt`.
///
/// # Errors
/// Anything but 64 lowercase hex digits and LF.
pub fn parse_commitment(bytes: &[u8]) -> Result<Digest, FileError> {
    let mut reader = Reader::new(COMMITMENT, bytes)?;
    let text = reader.need_line("commitment")?;
    let commitment = Field { at: reader.at(), name: "commitment", text }.hex()?;
    reader.end()?;
    Ok(commitment)
}

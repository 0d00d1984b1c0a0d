//! Digests of what is recorded: SHA-256 of RFC 8785 JSON, in lowercase hex.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// SHA-256 of bytes, in hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The canonical JSON text of a value made of objects, arrays, text, integers, booleans and nulls.
///
/// `serde_json` keeps object keys sorted and escapes as RFC 8785 asks; floats, whose canonical text
/// differs, do not occur in what Breeze signs.
pub fn canonical_json(value: &impl Serialize) -> String {
    serde_json::to_value(value).unwrap_or_default().to_string()
}

/// The digest of a value.
pub fn of(value: &impl Serialize) -> String {
    sha256_hex(canonical_json(value).as_bytes())
}

#[cfg(test)]
mod tests {
    #[test]
    fn keys_are_sorted_whatever_their_order_in_the_source() {
        #[derive(serde::Serialize)]
        struct Odd {
            b: u8,
            a: Option<&'static str>,
        }
        assert_eq!(super::canonical_json(&Odd { b: 1, a: None }), r#"{"a":null,"b":1}"#);
    }
}

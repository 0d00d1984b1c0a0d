//! Quotation marks of a CSV (RFC 4180): where a record ends, and what its fields say.

use std::borrow::Cow;

/// Where a reader stands in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the beginning of a field.
    Start,
    /// In a field without quotation marks; one inside it is a character like any other.
    Bare,
    /// Between quotation marks.
    Quoted,
    /// After a quotation mark that ends the field, or is the first of two that mean one.
    Closed,
}

/// Reads on from a place to the end of a line; none when something follows a closing mark.
pub fn follow(from: Place, line: &[u8]) -> Option<Place> {
    if from != Place::Quoted && !line.contains(&b'"') {
        // Most rows have no quotation mark: nothing to follow.
        return Some(Place::Bare);
    }
    line.iter().try_fold(from, |place, byte| match (place, byte) {
        (Place::Start, b'"') | (Place::Closed, b'"') => Some(Place::Quoted),
        (Place::Quoted, b'"') => Some(Place::Closed),
        (Place::Quoted, _) => Some(Place::Quoted),
        (_, b',') => Some(Place::Start),
        (Place::Closed, _) => None,
        _ => Some(Place::Bare),
    })
}

/// The fields of a whole record.
pub fn split(record: &str) -> Vec<Cow<'_, str>> {
    if !record.contains('"') {
        return record.split(',').map(Cow::Borrowed).collect();
    }
    let mut fields = Vec::new();
    let mut rest = Some(record);
    while let Some(text) = rest {
        let (field, after) = match text.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => match text.split_once(',') {
                Some((field, after)) => (field.into(), Some(after)),
                None => (text.into(), None),
            },
        };
        fields.push(field);
        rest = after;
    }
    fields
}

/// Reads a field after its opening mark, and what follows the comma after it.
fn unquote(text: &str) -> (Cow<'_, str>, Option<&str>) {
    let mut field = Cow::Borrowed("");
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('"').unwrap_or((rest, ""));
        field += part;
        match after.strip_prefix('"') {
            Some(after) => {
                field += "\"";
                rest = after;
            }
            None => return (field, after.strip_prefix(',')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_field_may_hold_commas_marks_and_line_ends_between_marks() {
        assert_eq!(split(r#"a,"b,""c""","","#), ["a", r#"b,"c""#, "", ""]);
        assert_eq!(split("\"two\nlines\",x"), ["two\nlines", "x"]);
        assert_eq!(split(r#"5" pipe,x"#), [r#"5" pipe"#, "x"]);
        assert_eq!(split(""), [""]);
    }

    #[test]
    fn a_record_is_open_until_its_last_mark_and_broken_when_something_follows_it() {
        assert_eq!(follow(Place::Start, br#"a,"b"#), Some(Place::Quoted));
        assert_eq!(follow(Place::Quoted, br#"c",d"#), Some(Place::Bare));
        assert_eq!(follow(Place::Start, br#""a" ,b"#), None);
        assert_eq!(follow(Place::Start, br#""a""b""#), Some(Place::Closed));
    }

    proptest! {
        #[test]
        fn what_a_csv_writer_writes_is_read_back(fields in prop::collection::vec("[a-z\",\r\n é]{0,8}", 1..6)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(&fields).unwrap();
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            prop_assert_eq!(split(text.strip_suffix('\n').unwrap()), fields);
        }
    }
}

//! Reads lines and fields strictly, and says where something else stands.

use super::{FileError, shape};
use crate::sampling::ticket::lowercase_hex;

/// The first line of `frame.tsv` and `sample.tsv`.
pub const FORMAT: (&str, &str) = ("#breeze-draw", "v1");

/// A place in a file.
#[derive(Clone, Copy)]
pub struct At {
    /// Name of the file.
    pub file: &'static str,
    /// Line, from 1.
    pub line: usize,
}

impl At {
    /// Something else stands here than the format asks for; `found` is text of the file.
    pub fn fault(self, field: &'static str, expected: impl Into<String>, found: &str) -> FileError {
        self.instead(field, expected, quoted(found))
    }

    /// The same, with `found` in our words.
    pub fn instead(
        self,
        field: &'static str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> FileError {
        let At { file, line } = self;
        FileError { file, line, field, expected: expected.into(), found: found.into() }
    }
}

/// Text as it can be shown: escaped, and cut where it is long.
fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "nothing".into();
    }
    let cut: String = text.chars().take(80).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("`{}{more}`", cut.escape_debug())
}

/// The lines of a file.
pub struct Reader<'a> {
    at: At,
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Refuses what is not UTF-8, and byte order marks.
    pub fn new(file: &'static str, bytes: &'a [u8]) -> Result<Self, FileError> {
        let rest = str::from_utf8(bytes).map_err(|error| {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
            At { file, line }.instead("line", "UTF-8 text", "bytes that are none")
        })?;
        if rest.starts_with('\u{feff}') {
            let at = At { file, line: 1 };
            return Err(at.instead("line", "no byte order mark", "one"));
        }
        Ok(Reader { at: At { file, line: 0 }, rest })
    }

    /// The line read last.
    pub fn at(&self) -> At {
        self.at
    }

    /// The next line without its LF; `None` at the end.
    pub fn line(&mut self) -> Result<Option<&'a str>, FileError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.at.line += 1;
        let Some((line, rest)) = self.rest.split_once('\n') else {
            return Err(self.at.fault("line", "LF at the end of the last line", self.rest));
        };
        if line.ends_with('\r') {
            return Err(self.at.instead("line", "LF alone at the end of the line", "CR LF"));
        }
        self.rest = rest;
        Ok(Some(line))
    }

    /// The next line, which must be there.
    pub fn need_line(&mut self, what: &'static str) -> Result<&'a str, FileError> {
        let line = self.line()?;
        let next = At { line: self.at.line + 1, ..self.at };
        line.ok_or_else(|| next.instead(what, "a line", "the end of the file"))
    }

    /// The value of the next line, which must be `key⇥value`.
    pub fn value(&mut self, key: &'static str) -> Result<Field<'a>, FileError> {
        let line = self.need_line(key)?;
        let value = line.strip_prefix(key).and_then(|rest| rest.strip_prefix('\t'));
        match value {
            Some(text) => Ok(Field { at: self.at, name: key, text }),
            None => Err(self.at.fault(key, format!("`{key}`, TAB and a value"), line)),
        }
    }

    /// The line `#breeze-draw⇥v1`.
    pub fn format(&mut self) -> Result<(), FileError> {
        let (key, version) = FORMAT;
        let field = self.value(key)?;
        if field.text == version { Ok(()) } else { Err(field.fault(version)) }
    }

    /// The heading row.
    pub fn heading(&mut self, names: &[&'static str]) -> Result<(), FileError> {
        let line = self.need_line("heading")?;
        if line.split('\t').eq(names.iter().copied()) {
            return Ok(());
        }
        Err(self.at.fault("heading", format!("`{}`, TAB between", names.join(" ")), line))
    }

    /// Nothing may follow.
    pub fn end(&mut self) -> Result<(), FileError> {
        match self.line()? {
            None => Ok(()),
            Some(line) => Err(self.at.fault("line", "the end of the file", line)),
        }
    }

    /// The fields of a row, to be taken in the order of `names`.
    pub fn fields<'n>(&self, line: &'a str, names: &'n [&'static str]) -> Fields<'a, 'n> {
        Fields { at: self.at, rest: Some(line), names: names.iter() }
    }
}

/// The fields of a row.
pub struct Fields<'a, 'n> {
    at: At,
    rest: Option<&'a str>,
    names: std::slice::Iter<'n, &'static str>,
}

impl<'a> Fields<'a, '_> {
    /// The next field.
    pub fn take(&mut self) -> Result<Field<'a>, FileError> {
        let name = self.names.next().copied().unwrap_or("line");
        let Some(rest) = self.rest else {
            return Err(self.at.instead(name, "a column", "the end of the line"));
        };
        let (text, rest) = match rest.bytes().position(|byte| byte == b'\t') {
            Some(tab) => (rest.get(..tab).unwrap_or_default(), rest.get(tab + 1..)),
            None => (rest, None),
        };
        self.rest = rest;
        Ok(Field { at: self.at, name, text })
    }

    /// No field may be left.
    pub fn end(self) -> Result<(), FileError> {
        match self.rest {
            None => Ok(()),
            Some(more) => Err(self.at.fault("line", "no further column", &format!("\t{more}"))),
        }
    }
}

/// One field, with its place.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    /// Where it stands.
    pub at: At,
    /// Column or header key.
    pub name: &'static str,
    /// What stands there.
    pub text: &'a str,
}

impl<'a> Field<'a> {
    /// Something else stands here than the format asks for.
    pub fn fault(&self, expected: impl Into<String>) -> FileError {
        self.at.fault(self.name, expected, self.text)
    }

    /// The text, when it has the shape.
    pub fn shaped(&self, is: fn(&str) -> bool, words: &str) -> Result<&'a str, FileError> {
        if is(self.text) { Ok(self.text) } else { Err(self.fault(words)) }
    }

    /// An id.
    pub fn id(&self) -> Result<&'a str, FileError> {
        self.shaped(shape::is_id, shape::ID)
    }

    /// A whole number within `min`…`max`.
    pub fn whole<T: TryFrom<u64>>(&self, min: u64, max: u64) -> Result<T, FileError> {
        let number = shape::whole(self.text).filter(|number| (min..=max).contains(number));
        let fitted = number.and_then(|number| T::try_from(number).ok());
        fitted.ok_or_else(|| {
            self.fault(format!("a whole number from {min} to {max} without sign or leading zero"))
        })
    }

    /// `N` bytes in lowercase hex.
    pub fn hex<const N: usize>(&self) -> Result<[u8; N], FileError> {
        let bytes = lowercase_hex(self.text);
        bytes.ok_or_else(|| self.fault(format!("{} lowercase hex digits", 2 * N)))
    }
}

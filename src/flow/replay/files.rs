//! Reads a world from two files: what was declared, and what was found.
//!
//! Both are read as an import reads them: CSV or NDJSON, plain or gzip. The declarations are checked
//! by the same rules; of the results only the number, `outcome` or `fails`, and `severity` matter.
//! Rows that cannot be used are counted by code. Declarations without a result are left out: nobody
//! knows what an inspection of them would have found.

mod counts;

pub use counts::{Read, Rejected, Rows};

use super::text::{Text, Texts};
use super::world::{Declared, Truth, World};
use crate::domain::declaration::{self, Declaration, DeclarationBody};
use crate::domain::imported::ImportedResultBody;
use crate::domain::problem::{Code, FieldError, Problem};
use crate::error::{Error, Result};
use crate::flow::import::Source;
use crate::flow::import::chunk::{Entry, each_of, heading};
use crate::flow::import::row::Body;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use std::collections::{HashMap, HashSet};

/// How days are told.
#[derive(Clone, Copy, Debug)]
pub struct Days {
    /// The zone whose dates count; none takes each declaration's own offset.
    pub time_zone: Option<Tz>,
    /// The moment of the reading: nothing was declared long after it.
    pub now: DateTime<Utc>,
}

/// A file and what it is called when something is wrong with it.
#[derive(Clone, Copy)]
pub struct Named<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it holds.
    pub source: &'a Source,
}

/// Reads a world. `tell` hears after each row.
///
/// # Errors
/// A file that is empty, breaks off, or lacks a column that is needed; [`Code::EmptyFile`] when
/// nothing is left to replay.
pub fn read(
    declarations: Named<'_>,
    results: Named<'_>,
    days: Days,
    tell: &mut dyn FnMut(),
) -> Result<(World, Read)> {
    let mut reading = Reading::default();
    each(
        declarations,
        |body: &DeclarationBody| declared(body, days),
        |row| {
            reading.declaration(row);
            tell();
        },
    )?;
    reading.index();
    each(results, found, |row| {
        reading.result(row);
        tell();
    })?;
    let (world, read) = reading.end();
    if world.declared().is_empty() {
        let words = "no declaration with a result is left: give the results of these declarations";
        return Err(Problem::new(Code::EmptyFile, words).into());
    }
    Ok((world, read))
}

/// Does something with each row of a file, and says which file it is when something is wrong.
fn each<B: Body + Send, C: Send>(
    file: Named<'_>,
    check: impl Fn(&B) -> Result<C, Vec<FieldError>> + Send,
    mut work: impl FnMut(Entry<C>),
) -> Result<()>
where
    B::Heading: Send,
{
    let rows = || {
        heading::<B>(file.source)?;
        each_of(file.source, check, |rows| {
            rows.into_iter().for_each(&mut work);
            Ok(())
        })
    };
    rows().map_err(|error| match error {
        Error::Problem(problem) => {
            let detail = format!("{}: {}", file.name, problem.detail);
            Problem { detail, ..*problem }.into()
        }
        Error::Inner(cause) => Error::environment(format!("{}: {cause}", file.name)),
        other => other,
    })
}

/// A world while it is read.
#[derive(Default)]
struct Reading {
    read: Read,
    texts: Texts,
    waiting: Vec<Waiting>,
    /// The numbers of rejected declarations.
    rejected: HashSet<Box<str>>,
    currencies: HashMap<Text, u64>,
}

/// A declaration whose result is not known yet.
struct Waiting {
    declared: Declared,
    currency: Option<Text>,
    truth: Option<Truth>,
}

impl Reading {
    fn declaration(&mut self, row: Entry<(Declaration, NaiveDate)>) {
        self.read.declarations.received += 1;
        match row.checked {
            Ok((declaration, day)) => self.wait(&declaration, day),
            Err(errors) => {
                self.read.declarations.reject(row.number.as_deref(), errors);
                self.rejected.extend(row.number.map(String::into_boxed_str));
            }
        }
    }

    fn wait(&mut self, declaration: &Declaration, day: NaiveDate) {
        let currency = declaration.value.as_ref().map(|value| value.currency.code);
        let currency = currency.map(|code| self.texts.keep(code));
        if let Some(currency) = currency {
            *self.currencies.entry(currency).or_default() += 1;
        }
        let unknown = Truth { failed: false, severity: self.texts.keep("pass") };
        let declared = Declared::of(declaration, day, unknown, &mut self.texts);
        self.waiting.push(Waiting { declared, currency, truth: None });
    }

    /// Sorts the declarations by number, so that results find theirs. A number that stands twice
    /// counts where it stands first.
    fn index(&mut self) {
        self.waiting.sort_by(|a, b| a.declared.number.cmp(&b.declared.number));
        let counts = &mut self.read.declarations;
        self.waiting.dedup_by(|next, kept| {
            let same = next.declared.number == kept.declared.number;
            if same {
                let words = "stands a second time: the first row is taken";
                counts.reject_one(&next.declared.number, Code::NumberRepeated, words);
            }
            same
        });
    }

    fn result(&mut self, row: Entry<Option<Found>>) {
        self.read.results.received += 1;
        let number = row.number.as_deref().unwrap_or_default();
        let found = match row.checked {
            Ok(found) => found,
            Err(errors) => return self.read.results.reject(Some(number), errors),
        };
        let key = |waiting: &Waiting| (*waiting.declared.number).cmp(number);
        let waiting = self.waiting.binary_search_by(key).ok();
        let Some(waiting) = waiting.and_then(|at| self.waiting.get_mut(at)) else {
            return self.unknown(number);
        };
        let Some(Found { failed, severity }) = found else { return };
        let truth = Truth { failed, severity: self.texts.keep(&severity) };
        match waiting.truth {
            None => waiting.truth = Some(truth),
            Some(known) if known == truth => {}
            Some(_) => {
                let words = "has another result in an earlier row: the first row is taken";
                self.read.results.reject_one(number, Code::NumberRepeated, words);
            }
        }
    }

    fn unknown(&mut self, number: &str) {
        if self.rejected.contains(number) {
            self.read.results_of_rejected += 1;
            return;
        }
        let words =
            format!("there is no declaration `{}` in the other file", number.escape_debug());
        self.read.results.reject_one(number, Code::NotFound, words);
    }

    fn end(mut self) -> (World, Read) {
        let frequent = self.currencies.iter().max_by_key(|&(code, count)| (count, code.place()));
        let frequent = frequent.map(|(&currency, _)| currency);
        let mut declared = Vec::with_capacity(self.waiting.len());
        for waiting in self.waiting {
            let Some(truth) = waiting.truth else {
                self.read.without_result += 1;
                continue;
            };
            let mut kept = Declared { truth, ..waiting.declared };
            if waiting.currency != frequent && kept.value.take().is_some() {
                self.read.values_left_out += 1;
            }
            declared.push(kept);
        }
        (World::new(declared, self.texts), self.read)
    }
}

/// A declaration and its day, when it breaks no rule.
fn declared(
    body: &DeclarationBody,
    days: Days,
) -> Result<(Declaration, NaiveDate), Vec<FieldError>> {
    let declaration = declaration::parse(body, days.now, true)?.declaration;
    let day = day(body, declaration.declared_at, days.time_zone);
    Ok((declaration, day))
}

/// The local date of a declaration.
fn day(body: &DeclarationBody, at: DateTime<Utc>, time_zone: Option<Tz>) -> NaiveDate {
    let own = || {
        let text = body.declared_at.as_deref()?;
        DateTime::parse_from_rfc3339(text).ok().map(|at| at.date_naive())
    };
    match time_zone {
        Some(zone) => at.with_timezone(&zone).date_naive(),
        None => own().unwrap_or_else(|| at.date_naive()),
    }
}

/// A result.
struct Found {
    failed: bool,
    severity: String,
}

/// What a row of results says; none where the goods could not be inspected. The severity is the
/// file's word, of a pass too where it grades passes; else `pass`, and `unstated` of a failure.
fn found(body: &ImportedResultBody) -> Result<Option<Found>, Vec<FieldError>> {
    let failed = match (body.outcome.as_deref(), body.fails.as_deref()) {
        (Some("not_inspected"), _) => return Ok(None),
        (Some("fail"), _) | (None, Some("yes")) => true,
        (Some("pass"), _) | (None, Some("no")) => false,
        (Some(other), _) => return Err(none_of("/outcome", other, "pass, fail, not_inspected")),
        (None, Some(other)) => return Err(none_of("/fails", other, "yes, no")),
        (None, None) => {
            let error = FieldError::new("/outcome", Code::Required, "there is no result");
            return Err(vec![error]);
        }
    };
    let unstated = if failed { "unstated" } else { "pass" };
    let severity = body.severity.as_deref().unwrap_or(unstated);
    Ok(Some(Found { failed, severity: severity.to_owned() }))
}

fn none_of(pointer: &str, text: &str, possible: &str) -> Vec<FieldError> {
    let words = format!("`{}` is none of {possible}", text.escape_debug());
    vec![FieldError::new(pointer, Code::ValueNotAllowed, words)]
}

//! Which directive takes which declaration of a frame.

use super::Directive;
use crate::domain::declaration::Declaration;
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// The directives in force on a day, found by what they name: a row of a frame is held against the
/// few that could take it, however many there are.
#[derive(Debug)]
pub struct Orders<'a> {
    directives: &'a [Directive],
    by_number: HashMap<&'a str, Vec<usize>>,
    by_exporter: HashMap<&'a str, Vec<usize>>,
    by_prefix: HashMap<&'a str, Vec<usize>>,
}

/// A declaration of the frame with its order of acceptance.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The declaration.
    pub declaration: &'a Declaration,
    /// When its first revision was accepted.
    pub received_at: DateTime<Utc>,
    /// Its latest event in the office's chain.
    pub chain_sequence: i64,
}

impl<'a> Orders<'a> {
    /// Sorts directives by what they name; they stand in the order they were given in ([`Directive::place`]).
    pub fn new(directives: &'a [Directive]) -> Self {
        let (mut by_number, mut by_exporter, mut by_prefix) =
            (HashMap::new(), HashMap::new(), HashMap::new());
        for (at, directive) in directives.iter().enumerate() {
            let target = &directive.order.target;
            // Each stands once, under the narrowest thing it names.
            let (shelf, key) =
                match (&target.declaration_number, &target.exporter_id, &target.commodity) {
                    (Some(number), _, _) => (&mut by_number, number.as_str()),
                    (None, Some(exporter), _) => (&mut by_exporter, exporter.as_str()),
                    (None, None, Some(prefix)) => (&mut by_prefix, prefix.as_str()),
                    (None, None, None) => continue,
                };
            shelf.entry(key).or_insert_with(Vec::new).push(at);
        }
        Self { directives, by_number, by_exporter, by_prefix }
    }

    /// The directives that hold a declaration, in the order they were given in.
    pub fn holding(&self, declaration: &Declaration) -> Vec<&'a Directive> {
        let code = declaration.commodity_code.as_str();
        let prefixes = (2..=code.len()).filter_map(|digits| code.get(..digits));
        let found = [
            self.by_number.get(declaration.number.as_str()),
            self.by_exporter.get(declaration.exporter_id.as_str()),
        ];
        let found = found.into_iter().chain(prefixes.map(|prefix| self.by_prefix.get(prefix)));
        let mut places: Vec<usize> = found.flatten().flatten().copied().collect();
        places.sort_unstable();
        let directives = places.into_iter().filter_map(|at| self.directives.get(at));
        directives.filter(|directive| directive.order.target.holds(declaration)).collect()
    }
}

/// The directive that takes each declaration of a frame, by declaration number: the one that was
/// ordered first of those that hold it and have room left. A limit serves who was accepted first.
///
/// `directives` stand in the order they were given in; `taken` is how many declarations each has taken in
/// frames before, zero where it is not named.
pub fn take<'f>(
    directives: &[Directive],
    taken: &HashMap<String, u64>,
    frame: impl IntoIterator<Item = Row<'f>>,
) -> HashMap<String, String> {
    if directives.is_empty() {
        return HashMap::new();
    }
    let orders = Orders::new(directives);
    let held = frame.into_iter().map(|row| (row, orders.holding(row.declaration)));
    let mut held: Vec<_> = held.filter(|(_, directives)| !directives.is_empty()).collect();
    held.sort_by_key(|(row, _)| (row.received_at, row.chain_sequence, &row.declaration.number));
    let mut taken: HashMap<&str, u64> = taken.iter().map(|(id, n)| (id.as_str(), *n)).collect();
    let mut takers = HashMap::new();
    for (row, directives) in held {
        let room = |directive: &&Directive| {
            let used = taken.get(directive.id.as_str()).copied().unwrap_or_default();
            directive.order.limit.is_none_or(|limit| used < u64::from(limit))
        };
        if let Some(taker) = directives.into_iter().find(room) {
            *taken.entry(&taker.id).or_default() += 1;
            takers.insert(row.declaration.number.to_string(), taker.id.clone());
        }
    }
    takers
}

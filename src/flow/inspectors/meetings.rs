//! Who inspected whose goods how often, against a random assignment.

use crate::error::{Error, Result};
use crate::statistics::float;
use crate::statistics::pairs::{Meeting, Pair, unusual};
use crate::store::rates::InspectedRow;
use std::collections::BTreeMap;
use std::rc::Rc;

/// An inspector and an exporter who met more often than chance would have it.
#[derive(Clone, Debug)]
pub struct Met {
    /// Office of the inspector.
    pub office: String,
    /// The inspector, within the office.
    pub inspector: String,
    /// The exporter.
    pub exporter: String,
    /// How often they met, and how often to be expected.
    pub pair: Pair,
    /// How unlikely that is.
    pub meeting: Meeting,
}

/// Office, inspector, exporter.
type Who = (Rc<str>, Rc<str>, Rc<str>);

/// Meetings as they are counted.
#[derive(Debug, Default)]
pub(super) struct Meetings {
    names: BTreeMap<Rc<str>, Rc<str>>,
    pairs: BTreeMap<Who, Pair>,
}

/// What one office did on a day: items by inspector, by exporter, and by both.
#[derive(Default)]
struct Day {
    items: u64,
    inspectors: BTreeMap<Rc<str>, u64>,
    exporters: BTreeMap<Rc<str>, u64>,
    both: BTreeMap<(Rc<str>, Rc<str>), u64>,
}

impl Meetings {
    /// Adds rows, all of each day that they are of; those of whom nobody knows the inspector belong to
    /// no pair.
    pub(super) fn add(&mut self, rows: Vec<InspectedRow>) {
        let mut days = BTreeMap::<_, Day>::new();
        for row in rows {
            let Some(inspector) = row.inspector else { continue };
            let place = row.place;
            let key = (place.day, self.name(&place.office));
            let (inspector, exporter) = (self.name(&inspector), self.name(&place.exporter));
            let day = days.entry(key).or_default();
            day.items += 1;
            *day.inspectors.entry(inspector.clone()).or_default() += 1;
            *day.exporters.entry(exporter.clone()).or_default() += 1;
            *day.both.entry((inspector, exporter)).or_default() += 1;
        }
        for ((_, office), day) in days {
            self.add_day(&office, &day);
        }
    }

    /// With the items of a day dealt at random, an inspector who takes a of n gets a/n of an exporter's.
    fn add_day(&mut self, office: &Rc<str>, day: &Day) {
        for (inspector, &taken) in &day.inspectors {
            for (exporter, &had) in &day.exporters {
                let who = (office.clone(), inspector.clone(), exporter.clone());
                let none = Pair { observed: 0, expected: 0.0 };
                let pair = self.pairs.entry(who).or_insert(none);
                let met = day.both.get(&(inspector.clone(), exporter.clone()));
                pair.observed += met.copied().unwrap_or_default();
                pair.expected += float(taken) * float(had) / float(day.items);
            }
        }
    }

    /// Each name once, for a year has some hundred thousand rows.
    fn name(&mut self, text: &str) -> Rc<str> {
        if let Some(known) = self.names.get(text) {
            return known.clone();
        }
        let name: Rc<str> = text.into();
        self.names.insert(name.clone(), name.clone());
        name
    }

    /// How many pairs could have met, and those that are flagged, the least likely first.
    pub(super) fn unusual(self) -> Result<(u64, Vec<Met>)> {
        let pairs: Vec<Pair> = self.pairs.values().copied().collect();
        let meetings = unusual(&pairs).map_err(|error| Error::Inner(error.into()))?;
        let all = u64::try_from(pairs.len()).unwrap_or(u64::MAX);
        let flagged = self.pairs.into_iter().zip(meetings).filter(|(_, one)| one.flagged);
        let met = |(((office, inspector, exporter), pair), meeting): ((Who, Pair), Meeting)| Met {
            office: office.to_string(),
            inspector: inspector.to_string(),
            exporter: exporter.to_string(),
            pair,
            meeting,
        };
        let mut flagged: Vec<Met> = flagged.map(met).collect();
        flagged.sort_by(|one, other| one.meeting.tail.total_cmp(&other.meeting.tail));
        Ok((all, flagged))
    }
}

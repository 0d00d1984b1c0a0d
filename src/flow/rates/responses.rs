//! Response classes, office × month × region, and the factor each uses.

use crate::error::{Error, Result};
use crate::statistics::{Class, Response, response_factors};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// The first day of a class's month, its office, its region.
pub type ClassKey = (NaiveDate, String, String);

/// What a class says of its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassState {
    /// drawn/inspected of the class or of the pool it belongs to; `None` where nothing is inspected.
    pub factor: Option<f64>,
    /// What the factor is of: of the class or of its pool.
    pub response: Option<Response>,
    /// Whether the factor may still move: items without a result are in the class or, where it
    /// shares a factor, in its month.
    pub open: bool,
}

/// All classes of some months.
#[derive(Clone, Debug, Default)]
pub struct Responses(BTreeMap<ClassKey, ClassState>);

/// How many declarations of a class were drawn, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassCounts {
    /// Drawn.
    pub drawn: u64,
    /// Of them, inspected.
    pub inspected: u64,
    /// Of them, without a result yet.
    pub open: u64,
}

/// All classes of some months, of **all** offices: classes pool across offices.
pub type Classes = BTreeMap<ClassKey, ClassCounts>;

impl Responses {
    /// Finds the factor of each class, month by month.
    ///
    /// # Errors
    /// More inspected than drawn, which counting cannot give.
    pub fn of(classes: &Classes) -> Result<Self> {
        let mut months = BTreeMap::<NaiveDate, BTreeMap<(&str, &str), ClassCounts>>::new();
        for ((month, office, region), counts) in classes {
            months.entry(*month).or_default().insert((office, region), *counts);
        }
        let mut all = BTreeMap::new();
        for (month, classes) in months {
            all.extend(factors(month, &classes)?);
        }
        Ok(Self(all))
    }

    /// What somebody says of each class.
    pub(super) fn stated(classes: impl Iterator<Item = (ClassKey, ClassState)>) -> Self {
        Self(classes.collect())
    }

    /// Every class and its state, by month, office and region.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&ClassKey, &ClassState)> {
        self.0.iter()
    }

    /// The state of a class; without factor where nothing was drawn.
    pub fn class(&self, key: &ClassKey) -> ClassState {
        self.0.get(key).copied().unwrap_or_default()
    }
}

fn factors(
    month: NaiveDate,
    counted: &BTreeMap<(&str, &str), ClassCounts>,
) -> Result<Vec<(ClassKey, ClassState)>> {
    let mut classes = Vec::new();
    for (&(office, stratum), counts) in counted {
        let response = Response::new(counts.drawn, counts.inspected);
        let response = response.map_err(|cause| Error::Inner(cause.into()))?;
        classes.push(Class { office, stratum, response });
    }
    let month_open = counted.values().any(|counts| counts.open > 0);
    let used = response_factors(&classes);
    let state = |(class, used): (&Class<'_>, Option<Response>)| {
        let key = (month, class.office.to_owned(), class.stratum.to_owned());
        let shares = used != Some(class.response);
        let own = counted.get(&(class.office, class.stratum)).is_some_and(|counts| counts.open > 0);
        let factor = used.and_then(Response::factor);
        (key, ClassState { factor, response: used, open: own || (shares && month_open) })
    };
    Ok(classes.iter().zip(used).map(state).collect())
}

//! What chance each declaration of an open frame gets: the rule that applies to it, its risk factor,
//! and the share of the office's capacity. The freeze keeps it, a preview only tells its sizes.

use crate::domain::declaration::StoredDeclaration;
use crate::domain::draw::{Candidate, Draw};
use crate::domain::in_force::InForce;
use crate::domain::office::Office;
use crate::error::{Error, Result};
use crate::flow::in_force::{self, OnDay};
use crate::flow::risk::{Pasts, Scorer, Sheet};
use crate::flow::take::{self, Lock};
use crate::sampling::allocate::{self, Allocation, FACTOR_ONE, allocate};
use crate::store::Conn;
use chrono::NaiveDate;

/// The declarations of an open frame with their chances.
pub(super) struct Chances {
    /// What is in force on the day.
    pub on_day: OnDay,
    /// The active risk model.
    pub scorer: Option<Scorer>,
    /// The rows, sorted bytewise by number.
    pub candidates: Vec<Candidate>,
    /// What was asked and given.
    pub allocation: Allocation,
    /// Inspections that earlier rounds of the day left.
    pub capacity: u32,
}

/// Gives every declaration of an open frame its chance, inside a transaction that holds the office's
/// lock where it will be kept.
///
/// # Errors
/// [`Code::NoPolicy`](crate::domain::problem::Code::NoPolicy); those of the database.
pub(super) fn chances(
    conn: &mut Conn,
    office: &Office,
    day: NaiveDate,
    declared: &[StoredDeclaration],
    earlier: &[Draw],
    lock: Lock,
) -> Result<Chances> {
    let signed_before = in_force::signed_before(office.calendar.closes_at(day), declared);
    let on_day = in_force::on(conn, day, signed_before)?;
    let in_force = &on_day.in_force;
    let scorer = Scorer::active(conn, in_force, day, signed_before)?;
    let mut candidates = match &scorer {
        None => {
            declared.iter().map(|stored| candidate(stored, in_force)).collect::<Result<Vec<_>>>()?
        }
        Some(scorer) => scored(conn, declared, in_force, scorer, day)?,
    };
    candidates.sort_unstable_by(|a, b| a.declaration_number.cmp(&b.declaration_number));
    let code = office.code.as_str();
    let mut directives = take::taken(conn, code, day, declared, signed_before, lock)?;
    for candidate in &mut candidates {
        candidate.directive = directives.remove(&candidate.declaration_number);
        candidate.take_all = candidate.directive.is_some();
    }
    let used =
        u32::try_from(earlier.iter().map(|draw| draw.drawn).sum::<u64>()).unwrap_or(u32::MAX);
    let capacity = office.daily_capacity.saturating_sub(used);
    let allocation = allocation(&candidates, capacity, in_force.policy.floor_ppm)?;
    for (candidate, pi) in candidates.iter_mut().zip(&allocation.pi) {
        candidate.pi = *pi;
    }
    Ok(Chances { on_day, scorer, candidates, allocation, capacity })
}

/// Candidates with the factor that their score gives.
fn scored(
    conn: &mut Conn,
    declared: &[StoredDeclaration],
    in_force: &InForce,
    scorer: &Scorer,
    day: NaiveDate,
) -> Result<Vec<Candidate>> {
    let exporter = |stored: &StoredDeclaration| stored.declaration.exporter_id.to_string();
    let exporters: Vec<String> = declared.iter().map(exporter).collect();
    let exporters: Vec<&str> = exporters.iter().map(String::as_str).collect();
    let pasts = Pasts::read(conn, &exporters, day)?;
    let scored = declared.iter().map(|stored| {
        let sheet = Sheet::from(&stored.declaration);
        let past = pasts.of(&sheet.exporter_id, &sheet.number);
        let mut candidate = candidate(stored, in_force)?;
        let (scored, factor) = scorer.freeze(&sheet, &past, &candidate.rule)?;
        candidate.factor = factor;
        candidate.scored = Some(scored);
        Ok(candidate)
    });
    scored.collect()
}

fn candidate(stored: &StoredDeclaration, in_force: &InForce) -> Result<Candidate> {
    let declaration = &stored.declaration;
    let country = declaration.destination_country;
    // Every policy has a rule without a scope.
    let applied = in_force.applied(declaration.goods());
    let applied = applied.ok_or_else(|| Error::inner("a policy without a default rule"))?;
    Ok(Candidate {
        declaration_number: declaration.number.to_string(),
        region: country.region.code().to_owned(),
        country: country.alpha2.to_owned(),
        commodity_code: declaration.commodity_code.clone(),
        exporter_id: declaration.exporter_id.to_string(),
        rule: applied.rule.to_owned(),
        proportion_ppm: applied.proportion_ppm,
        factor: FACTOR_ONE,
        // Directives come when all rows are known.
        take_all: false,
        pi: 0,
        scored: None,
        directive: None,
    })
}

fn allocation(candidates: &[Candidate], capacity: u32, floor_ppm: u32) -> Result<Allocation> {
    let rows: Vec<_> = candidates
        .iter()
        .map(|c| allocate::Candidate {
            number: &c.declaration_number,
            proportion_ppm: c.proportion_ppm,
            factor: c.factor,
            take_all: c.take_all,
        })
        .collect();
    allocate(u64::from(capacity), floor_ppm, &rows).map_err(|error| Error::Inner(error.into()))
}

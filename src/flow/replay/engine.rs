//! One day after another: close, aim, draw, reveal.

use super::aim::{Aim, Revealed, factor};
use super::refit::Refit;
use super::report::{FitReport, Report};
use super::tally::{Drawn, Tally};
use super::world::{Declared, Pasts, World};
use crate::domain::campaign::Campaign;
use crate::domain::in_force::{Applied, InForce};
use crate::domain::policy::Policy;
use crate::error::{Error, Result};
use crate::sampling::allocate::{Allocation, Candidate, FACTOR_ONE, allocate};
use crate::sampling::select::{Row, select};
use crate::sampling::ticket::{Digest, DrawId, Tickets, draw_secret, seed};
use crate::statistics::risk::{Recipe, Scale};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// By which rules.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The policy, taken as in force on all days.
    pub policy: &'a Policy,
    /// Campaigns, each on its own days.
    pub campaigns: &'a [Campaign],
}

/// How a replay is played.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Inspections a day that each office can do.
    pub capacity: u32,
    /// How often the risk score learns.
    pub refit: Refit,
    /// From what it is fitted.
    pub recipe: Recipe,
    /// What all secrets come from, in place of a master key.
    pub seed: Digest,
}

/// What was played.
#[derive(Clone, Debug)]
pub struct Played {
    /// What came of it.
    pub report: Report,
    /// Who was drawn, as places in the world, in the order of the days.
    pub drawn: Vec<usize>,
}

/// Plays a world under some rules. `tell` hears after each day how many declarations are through.
///
/// Nothing is used before it is revealed: chances of a day rest on results of the drawn of earlier
/// days alone. Every drawn declaration is inspected on its day.
///
/// # Errors
/// None but an internal one, when a policy has no default rule.
pub fn play(
    world: &World,
    rules: Rules<'_>,
    settings: &Settings,
    tell: &mut dyn FnMut(usize),
) -> Result<Played> {
    let mut player = Player {
        world,
        settings,
        pasts: Pasts::new(world),
        revealed: Vec::new(),
        aim: None,
        fits: Vec::new(),
        tally: Tally::new(settings.capacity),
    };
    let mut first = 0;
    for rows in world.declared().chunk_by(|one, next| one.day == next.day) {
        let Some(day) = rows.first().map(|row| row.day) else { continue };
        let in_force = InForce::new(rules.policy.clone(), rules.campaigns, day);
        player.learn(day);
        player.day(&in_force, day, first, rows)?;
        first += rows.len();
        tell(first);
    }
    let drawn = player.revealed.iter().map(|revealed| revealed.row).collect();
    Ok(Played { report: player.tally.report(world, player.fits), drawn })
}

struct Player<'w> {
    world: &'w World,
    settings: &'w Settings,
    pasts: Pasts,
    revealed: Vec<Revealed>,
    aim: Option<Aim>,
    fits: Vec<FitReport>,
    tally: Tally,
}

/// A row of a frame: its place in the world, what it is, which rule applies, and its factor.
struct Entry<'w, 'a> {
    at: usize,
    row: &'w Declared,
    rule: Applied<'a>,
    factor: u32,
}

impl Entry<'_, '_> {
    /// Whether proportion × factor lies below the policy's floor.
    fn asks_less_than(&self, floor_ppm: u32) -> bool {
        let asked = u64::from(self.rule.proportion_ppm) * u64::from(self.factor);
        asked < u64::from(floor_ppm) * u64::from(FACTOR_ONE)
    }
}

impl<'w> Player<'w> {
    /// Fits a new model where one is due.
    fn learn(&mut self, day: NaiveDate) {
        let last = self.aim.as_ref().map(|aim| aim.fitted);
        if self.revealed.is_empty() || !self.settings.refit.is_due(last, day) {
            return;
        }
        let recipe = &self.settings.recipe;
        let aim = Aim::fit(self.world, recipe, &self.revealed, &self.pasts, day);
        self.fits.push(FitReport::of(day, &aim.model));
        self.aim = Some(aim);
    }

    /// Draws the frames of a day, and reveals what was drawn when all of them are.
    fn day(
        &mut self,
        in_force: &InForce,
        day: NaiveDate,
        first: usize,
        rows: &'w [Declared],
    ) -> Result<()> {
        let entries = self.entries(in_force, first, rows)?;
        let mut frames: BTreeMap<&str, Vec<Entry<'_, '_>>> = BTreeMap::new();
        for entry in entries {
            frames.entry(self.world.texts().get(entry.row.office)).or_default().push(entry);
        }
        let mut drawn = Vec::new();
        for (office, frame) in &frames {
            drawn.extend(self.frame(in_force, day, office, frame)?);
        }
        self.reveal(drawn);
        Ok(())
    }

    /// Rule and factor of each row.
    fn entries<'a>(
        &mut self,
        in_force: &'a InForce,
        first: usize,
        rows: &'w [Declared],
    ) -> Result<Vec<Entry<'w, 'a>>> {
        let world = self.world;
        let rule = |row| in_force.applied(world.goods(row));
        let rules: Option<Vec<Applied<'a>>> = rows.iter().map(rule).collect();
        let rules = rules.ok_or_else(|| Error::inner("a policy without a default rule"))?;
        let mut met = rules.clone();
        met.sort_unstable();
        met.dedup();
        let aim = self.aim.as_mut();
        let scales = aim.map(|aim| aim.scales(world, in_force, &met)).unwrap_or_default();
        let aim_at = |rule: &Applied<'a>| -> Option<(&Aim, Scale)> {
            self.aim.as_ref().zip(scales.get(rule).copied())
        };
        let entry = |((at, row), rule): ((usize, &'w Declared), Applied<'a>)| {
            let factor = factor(aim_at(&rule), world, row, self.pasts.of(row.exporter));
            Entry { at, row, rule, factor }
        };
        Ok((first..).zip(rows).zip(rules).map(entry).collect())
    }

    /// Draws one frame: who is drawn, as places in the world.
    fn frame(
        &mut self,
        in_force: &InForce,
        day: NaiveDate,
        office: &str,
        frame: &[Entry<'w, '_>],
    ) -> Result<Vec<usize>> {
        let allocation = self.chances(in_force, frame)?;
        let selected = self.select(day, office, frame, &allocation)?;
        let drawn = |at: usize| selected.binary_search(&at).is_ok();
        let floor_ppm = in_force.policy.floor_ppm;
        let rows = frame.iter().zip(&allocation.pi).enumerate().map(|(at, (entry, &pi))| Drawn {
            row: entry.row,
            factor: entry.factor,
            lifted: entry.asks_less_than(floor_ppm),
            pi,
            drawn: drawn(at),
        });
        let rows: Vec<Drawn<'_>> = rows.collect();
        self.tally.add(&rows, &allocation)?;
        Ok(selected.iter().filter_map(|&at| frame.get(at)).map(|entry| entry.at).collect())
    }

    fn chances(&self, in_force: &InForce, frame: &[Entry<'_, '_>]) -> Result<Allocation> {
        let candidates = frame.iter().map(|entry| Candidate {
            number: &entry.row.number,
            proportion_ppm: entry.rule.proportion_ppm,
            factor: entry.factor,
            take_all: false,
        });
        let candidates: Vec<Candidate<'_>> = candidates.collect();
        let capacity = u64::from(self.settings.capacity);
        allocate(capacity, in_force.policy.floor_ppm, &candidates)
            .map_err(|error| Error::Inner(error.into()))
    }

    /// The places in the frame that are drawn, ascending; by the same hashes as a real draw of that
    /// office, day and round 1.
    fn select(
        &self,
        day: NaiveDate,
        office: &str,
        frame: &[Entry<'_, '_>],
        allocation: &Allocation,
    ) -> Result<Vec<usize>> {
        let day = day.format("%Y%m%d").to_string();
        let draw = DrawId { office, day: &day, round: 1 };
        let secret = draw_secret(&self.settings.seed, &draw);
        let tickets = Tickets::new(&seed(&secret, &draw, &[]));
        let line = frame.iter().zip(&allocation.pi).map(|(entry, &pi)| Row {
            number: &entry.row.number,
            stratum: self.world.texts().get(entry.row.stratum),
            pi,
        });
        let line: Vec<Row<'_>> = line.collect();
        let selection = select(&tickets, &line).map_err(|error| Error::Inner(error.into()))?;
        let hit = selection.drawn.iter().map(|hit| hit.row);
        let drawn = selection.certain.iter().copied().chain(hit);
        let mut drawn: Vec<usize> = drawn.filter_map(|at| usize::try_from(at).ok()).collect();
        drawn.sort_unstable();
        Ok(drawn)
    }

    /// Takes in the results of a day's drawn: in the order of their numbers, which is that of the
    /// world.
    fn reveal(&mut self, mut drawn: Vec<usize>) {
        drawn.sort_unstable();
        let rows = drawn.iter().filter_map(|&at| Some((at, self.world.declared().get(at)?)));
        let rows: Vec<(usize, &Declared)> = rows.collect();
        // What was known when they were drawn: nothing of their own day.
        for &(at, row) in &rows {
            self.revealed.push(Revealed { row: at, known: self.pasts.of(row.exporter) });
        }
        for (_, row) in rows {
            self.pasts.tell(row);
        }
    }
}

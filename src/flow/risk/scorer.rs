//! The active model with its scales for one day: it scores declarations and gives their factors.

use super::past::Past;
use super::read::model_of;
use super::scale::{measure, read};
use super::sheet::Sheet;
use crate::domain::approval::SignedBefore;
use crate::domain::draw::{Draw, Scored};
use crate::domain::in_force::InForce;
use crate::domain::risk::{RiskContribution, RiskModel};
use crate::error::{Error, Result};
use crate::statistics::risk::{Model, Scale, Score};
use crate::store::risk_models::StoredScale;
use crate::store::{self, Conn};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;

/// The active model, ready for a day.
pub(in crate::flow) struct Scorer {
    pub kept: RiskModel,
    pub model: Model,
    scales: BTreeMap<String, Scale>,
    /// Scales that are not kept yet.
    fresh: Option<BTreeMap<String, StoredScale>>,
}

/// The version in `risk@version/sha256`.
fn model_version(label: &str) -> Option<i32> {
    label.strip_prefix("risk@")?.split_once('/')?.0.parse().ok()
}

fn read_all(stored: &BTreeMap<String, StoredScale>) -> Result<BTreeMap<String, Scale>> {
    stored.iter().map(|(rule, stored)| Ok((rule.clone(), read(stored)?))).collect()
}

impl Scorer {
    /// The active model with its scales under what is in force; none without an active model.
    ///
    /// A frame is aimed by the activations that count for it.
    pub fn active(
        conn: &mut Conn,
        in_force: &InForce,
        day: NaiveDate,
        signed_before: SignedBefore,
    ) -> Result<Option<Self>> {
        let Some(kept) = store::risk_models::active_for(conn, day, signed_before)? else {
            return Ok(None);
        };
        let model = model_of(conn, &kept)?;
        let mut stored = store::risk_models::scales(conn, kept.version, &in_force.sha256())?;
        let fresh = stored.is_empty();
        if fresh {
            stored = measure(conn, &kept, &model, in_force)?;
        }
        Ok(Some(Self { scales: read_all(&stored)?, fresh: fresh.then_some(stored), kept, model }))
    }

    /// Keeps scales that were measured just now.
    pub fn keep(&self, conn: &mut Conn, in_force: &InForce, now: DateTime<Utc>) -> Result<()> {
        let Some(fresh) = &self.fresh else { return Ok(()) };
        store::risk_models::insert_scales(conn, self.kept.version, &in_force.sha256(), fresh, now)
    }

    /// The model of a draw with the scales that were kept for it; none where no model was active.
    pub fn of_draw(conn: &mut Conn, draw: &Draw) -> Result<Option<Self>> {
        let Some(version) = model_version(&draw.risk_model) else { return Ok(None) };
        let lost = || Error::inner(format!("the model of draw {} is not kept", draw.id));
        let kept = store::risk_models::find(conn, version)?.ok_or_else(lost)?;
        let in_force = draw.in_force_sha256.as_deref().unwrap_or_default();
        let stored = store::risk_models::scales(conn, version, in_force)?;
        let (model, scales) = (model_of(conn, &kept)?, read_all(&stored)?);
        Ok(Some(Self { kept, model, scales, fresh: None }))
    }

    /// The probability that a declaration fails.
    pub fn probability(&self, sheet: &Sheet, past: &Past) -> f64 {
        self.model.probability(&sheet.facts(self.kept.currency.as_deref(), past))
    }

    /// The probability with what every factor adds.
    pub fn score(&self, sheet: &Sheet, past: &Past) -> Score {
        self.model.score(&sheet.facts(self.kept.currency.as_deref(), past))
    }

    /// The risk factor of a probability under a rule, in units of 2⁻¹⁶.
    pub fn factor(&self, rule: &str, probability: f64) -> Result<u32> {
        let scale = self.scales.get(rule);
        let scale = scale.ok_or_else(|| Error::inner(format!("no scale for rule `{rule}`")))?;
        Ok(scale.factor(probability))
    }

    /// Score and factor of a declaration as they are frozen.
    pub fn freeze(&self, sheet: &Sheet, past: &Past, rule: &str) -> Result<(Scored, u32)> {
        let probability = self.probability(sheet, past);
        let scored = Scored { score_ppb: ppb(probability), past: past.label() };
        Ok((scored, self.factor(rule, probability)?))
    }
}

/// A probability in units of 10⁻⁹.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a probability is clamped to 0 … 1, so its units lie between 0 and 10⁹"
)]
pub(super) fn ppb(probability: f64) -> u32 {
    (probability.clamp(0.0, 1.0) * 1e9).round() as u32
}

/// What the factors of a score added, the strongest first; those that added nothing are left out.
pub(in crate::flow) fn contributions(score: &Score) -> Vec<RiskContribution> {
    let mut kept: Vec<RiskContribution> = score
        .contributions
        .iter()
        .map(|one| RiskContribution {
            factor: one.factor.name().to_owned(),
            level: one.level.clone(),
            milli_points: milli(one.points()),
        })
        .filter(|one| one.milli_points != 0)
        .collect();
    kept.sort_by_key(|one| std::cmp::Reverse(one.milli_points.unsigned_abs()));
    kept
}

/// Points in thousandths.
#[expect(clippy::cast_possible_truncation, reason = "clamped to what an i32 holds")]
fn milli(points: f64) -> i32 {
    (points * 1_000.0).round().clamp(-1e9, 1e9) as i32
}

//! What is in force on a day, out of what is kept.

use crate::domain::approval::SignedBefore;
use crate::domain::declaration::StoredDeclaration;
use crate::domain::draw::CampaignReference;
use crate::domain::in_force::InForce;
use crate::domain::office::Office;
use crate::domain::policy::Policy;
use crate::domain::problem::{Code, Problem};
use crate::error::Result;
use crate::store::campaigns::StoredCampaign;
use crate::store::{self, Conn};
use chrono::{DateTime, NaiveDate, Utc};

/// The policy and the campaigns of a day.
pub(super) struct OnDay {
    /// Which of their rules apply.
    pub in_force: InForce,
    /// The campaigns, in bytewise order of id.
    campaigns: Vec<StoredCampaign>,
    day: NaiveDate,
}

/// Which signatures count for a frame that closes then.
pub(super) fn signed_before(
    closes_at: DateTime<Utc>,
    declared: &[StoredDeclaration],
) -> SignedBefore {
    let history = !declared.is_empty() && declared.iter().all(|stored| stored.historical);
    (!history).then_some(closes_at)
}

/// Which signatures count for whoever asks at a moment about the frame of a day: those of a day that
/// has passed are asked about as history.
pub(super) fn signed_as_of(office: &Office, day: NaiveDate, now: DateTime<Utc>) -> SignedBefore {
    let closes_at = office.calendar.closes_at(day);
    (now < closes_at).then_some(closes_at)
}

/// What is in force on a day, by the signatures that count.
///
/// # Errors
/// [`Code::NoPolicy`].
pub(super) fn on(conn: &mut Conn, day: NaiveDate, signed_before: SignedBefore) -> Result<OnDay> {
    let policy = store::policies::in_force(conn, day, signed_before)?.ok_or_else(|| {
        let words = format!(
            "no approved policy is in force on {day}: propose one whose `from` is not later, and have it approved"
        );
        Problem::new(Code::NoPolicy, words)
    })?;
    let campaigns = store::campaigns::running(conn, day, signed_before)?;
    let running = campaigns.iter().map(|stored| &stored.campaign);
    Ok(OnDay { in_force: InForce::new(policy.policy, running, day), campaigns, day })
}

/// A policy as if it were in force on a day, with the campaigns that run on it.
///
/// # Errors
/// Those of the database.
pub(super) fn under(
    conn: &mut Conn,
    policy: Policy,
    day: NaiveDate,
    signed_before: SignedBefore,
) -> Result<InForce> {
    let campaigns = store::campaigns::running(conn, day, signed_before)?;
    Ok(InForce::new(policy, campaigns.iter().map(|stored| &stored.campaign), day))
}

impl OnDay {
    /// The campaigns that may raise something at an office, as a draw names them.
    pub fn campaigns_at(&self, office: &str) -> Vec<CampaignReference> {
        let here = |stored: &&StoredCampaign| {
            let offices = &stored.campaign.scope.offices;
            offices.is_empty() || offices.iter().any(|own| own.as_str() == office)
        };
        let reference = |stored: &StoredCampaign| {
            let step = stored.campaign.step_on(self.day)?;
            Some(CampaignReference {
                id: stored.campaign.id.clone(),
                revision: stored.revision,
                sha256: stored.campaign.sha256(),
                proportion_ppm: step.proportion_ppm,
            })
        };
        self.campaigns.iter().filter(here).filter_map(reference).collect()
    }
}

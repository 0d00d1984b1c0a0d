//! Campaigns: revisions of proposals, their approvals and closures. None of them ever changes.

use crate::domain::approval::{Approval, SignedBefore, counts, governs};
use crate::domain::campaign::{Campaign, CampaignClosure, CampaignState};
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::schema::{campaign_approvals, campaign_closures, campaigns};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// The last revision of a campaign, as it is kept.
#[derive(Clone, Debug)]
pub struct StoredCampaign {
    /// What it does.
    pub campaign: Campaign,
    /// Counts from 1.
    pub revision: i32,
    /// Whether it was brought in for days that had passed.
    pub historical: bool,
    /// When this revision was proposed.
    pub proposed_at: DateTime<Utc>,
    /// By whom.
    pub proposed_by: String,
    /// The second person's word.
    pub approval: Option<Approval>,
    /// Its end, where that came before its last day.
    pub closure: Option<CampaignClosure>,
}

impl StoredCampaign {
    /// Where it stands on a day.
    pub fn state_on(&self, day: NaiveDate) -> CampaignState {
        match self.approval {
            None => CampaignState::Proposed,
            Some(_) => self.campaign.state_on(day, self.closure.as_ref()),
        }
    }

    /// Whether it raises anything on a day.
    fn runs_on(&self, day: NaiveDate, signed_before: SignedBefore) -> bool {
        let approved_at = self.approval.as_ref().map(|approval| approval.at);
        let history = self.historical.then_some(self.proposed_at);
        // Closed after the frame had closed, it still raised what was in it.
        let closure = self.closure.as_ref().filter(|one| counts(one.at, signed_before));
        let open = closure.is_none_or(|closure| day <= closure.last_day);
        governs(day, approved_at, history, signed_before)
            && open
            && self.campaign.step_on(day).is_some()
    }
}

type Row = (String, i32, NaiveDate, NaiveDate, String, String, bool, NaiveDateTime, String);
type ApprovalRow = (String, i32, String, NaiveDateTime, Option<String>);
type ClosureRow = (String, NaiveDate, String, NaiveDateTime, String);

/// What happened to campaigns after they were proposed.
struct Fates {
    approvals: BTreeMap<(String, i32), Approval>,
    closures: BTreeMap<String, CampaignClosure>,
}

impl Fates {
    fn load(conn: &mut Conn) -> Result<Self> {
        let approvals: Vec<ApprovalRow> = campaign_approvals::table.load(conn)?;
        let closures: Vec<ClosureRow> = campaign_closures::table.load(conn)?;
        let approval = |(id, revision, by, at, note): ApprovalRow| {
            ((id, revision), Approval { by, at: at.and_utc(), note })
        };
        let closure = |(id, last_day, reason, at, by): ClosureRow| {
            (id, CampaignClosure { last_day, reason, by, at: at.and_utc() })
        };
        Ok(Self {
            approvals: approvals.into_iter().map(approval).collect(),
            closures: closures.into_iter().map(closure).collect(),
        })
    }

    fn of(&self, row: Row) -> Result<StoredCampaign> {
        let (id, revision, _, _, body, _, historical, proposed_at, proposed_by) = row;
        Ok(StoredCampaign {
            campaign: serde_json::from_str(&body).map_err(|e| Error::Inner(e.into()))?,
            revision,
            historical,
            proposed_at: proposed_at.and_utc(),
            proposed_by,
            approval: self.approvals.get(&(id.clone(), revision)).cloned(),
            closure: self.closures.get(&id).cloned(),
        })
    }
}

/// Keeps a revision.
///
/// # Errors
/// Those of the database; the revision is there already.
pub fn insert(conn: &mut Conn, stored: &StoredCampaign) -> Result<()> {
    let campaign = &stored.campaign;
    let body = serde_json::to_string(campaign).map_err(|e| Error::Inner(e.into()))?;
    diesel::insert_into(campaigns::table)
        .values((
            campaigns::id.eq(&campaign.id),
            campaigns::revision.eq(stored.revision),
            campaigns::from_day.eq(campaign.from),
            campaigns::until_day.eq(campaign.until),
            campaigns::body.eq(body),
            campaigns::sha256.eq(campaign.sha256()),
            campaigns::historical.eq(stored.historical),
            campaigns::proposed_at.eq(stored.proposed_at.naive_utc()),
            campaigns::proposed_by.eq(&stored.proposed_by),
        ))
        .execute(conn)?;
    Ok(())
}

/// Keeps the approval of a revision.
///
/// # Errors
/// Those of the database; it is approved already.
pub fn approve(conn: &mut Conn, id: &str, revision: i32, approval: &Approval) -> Result<()> {
    diesel::insert_into(campaign_approvals::table)
        .values((
            campaign_approvals::id.eq(id),
            campaign_approvals::revision.eq(revision),
            campaign_approvals::approved_by.eq(&approval.by),
            campaign_approvals::approved_at.eq(approval.at.naive_utc()),
            campaign_approvals::note.eq(&approval.note),
        ))
        .execute(conn)?;
    Ok(())
}

/// Keeps a closure.
///
/// # Errors
/// Those of the database; it is closed already.
pub fn close(conn: &mut Conn, id: &str, closure: &CampaignClosure) -> Result<()> {
    diesel::insert_into(campaign_closures::table)
        .values((
            campaign_closures::id.eq(id),
            campaign_closures::last_day.eq(closure.last_day),
            campaign_closures::reason.eq(&closure.reason),
            campaign_closures::closed_at.eq(closure.at.naive_utc()),
            campaign_closures::closed_by.eq(&closure.by),
        ))
        .execute(conn)?;
    Ok(())
}

/// The last revision of every campaign, in bytewise order of id.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut Conn) -> Result<Vec<StoredCampaign>> {
    let rows: Vec<Row> = campaigns::table.load(conn)?;
    let fates = Fates::load(conn)?;
    last_of_each(rows).into_iter().map(|row| fates.of(row)).collect()
}

/// The last revision of each campaign among rows, in bytewise order of id.
fn last_of_each(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    let last: BTreeMap<String, Row> = rows.into_iter().map(|row| (row.0.clone(), row)).collect();
    last.into_values().collect()
}

/// One campaign.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, id: &str) -> Result<Option<StoredCampaign>> {
    let last = campaigns::table.filter(campaigns::id.eq(id)).order(campaigns::revision.desc());
    let row: Option<Row> = last.limit(1).get_result(conn).optional()?;
    let fates = Fates::load(conn)?;
    row.map(|row| fates.of(row)).transpose()
}

/// The campaigns that run on a day, in bytewise order of id.
///
/// # Errors
/// Those of the database.
pub fn running(
    conn: &mut Conn,
    day: NaiveDate,
    signed_before: SignedBefore,
) -> Result<Vec<StoredCampaign>> {
    // Campaigns are few. A revision that has moved away from the day counts: it is the last one.
    let mut running = all(conn)?;
    running.retain(|stored| stored.runs_on(day, signed_before));
    Ok(running)
}

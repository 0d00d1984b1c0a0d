//! Commitments, draws and their frozen frames.

use crate::domain::draw::{Candidate, Draw, DrawState, Scored};
use crate::domain::id::OfficeCode;
use crate::domain::key::Scope;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::connection::each;
use crate::store::schema::{candidates, draws};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(
    table_name = draws,
    primary_key(id),
    treat_none_as_default_value = false,
    treat_none_as_null = true
)]
struct Row {
    id: String,
    office: String,
    day: NaiveDate,
    round: i32,
    state: String,
    retrospective: bool,
    capacity: i32,
    floor_ppm: i32,
    policy_id: String,
    policy_version: i32,
    policy_sha256: String,
    risk_model: String,
    entropy: String,
    commitment: String,
    frame_rows: i64,
    take_all: i64,
    asked: String,
    given: String,
    drawn: i64,
    roster: String,
    frame_sha256: String,
    roster_sha256: String,
    sample_sha256: String,
    seed: String,
    start_at: i64,
    closed_at: NaiveDateTime,
    created_at: NaiveDateTime,
    revealed_at: Option<NaiveDateTime>,
    secret: Option<String>,
    campaigns: String,
    in_force_sha256: Option<String>,
}

/// The state of a draw that waits for its entropy.
pub(super) const FROZEN: &str = "frozen";

/// A number that must fit the other side's type: the ranges are checked before anything is stored.
pub(super) fn fit<A, B>(number: A) -> Result<B>
where
    B: TryFrom<A>,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    B::try_from(number).map_err(|e| Error::Inner(e.into()))
}

impl Row {
    fn of(draw: &Draw) -> Result<Self> {
        let (policy_id, policy_version, policy_sha256) = draw.policy.clone();
        Ok(Self {
            id: draw.id.clone(),
            office: draw.office.to_string(),
            day: draw.day,
            round: fit(draw.round)?,
            state: match draw.state {
                DrawState::Frozen => FROZEN.into(),
                DrawState::Drawn => "drawn".into(),
                DrawState::Revealed => "revealed".into(),
            },
            retrospective: draw.retrospective,
            capacity: fit(draw.capacity)?,
            floor_ppm: fit(draw.floor_ppm)?,
            policy_id,
            policy_version,
            policy_sha256,
            risk_model: draw.risk_model.clone(),
            entropy: draw.entropy.clone(),
            commitment: draw.commitment.clone(),
            frame_rows: fit(draw.frame_rows)?,
            take_all: fit(draw.take_all)?,
            asked: draw.asked.to_string(),
            given: draw.given.to_string(),
            drawn: fit(draw.drawn)?,
            roster: draw.roster.clone(),
            frame_sha256: draw.frame_sha256.clone(),
            roster_sha256: draw.roster_sha256.clone(),
            sample_sha256: draw.sample_sha256.clone(),
            seed: draw.seed.clone(),
            start_at: i64::from(draw.start),
            closed_at: draw.closed_at.naive_utc(),
            created_at: draw.created_at.naive_utc(),
            revealed_at: draw.revealed_at.map(|at| at.naive_utc()),
            secret: draw.secret.clone(),
            campaigns: serde_json::to_string(&draw.campaigns)
                .map_err(|e| Error::Inner(e.into()))?,
            in_force_sha256: draw.in_force_sha256.clone(),
        })
    }

    fn read(self) -> Result<Draw> {
        let sum = |text: &str| text.parse::<u128>().map_err(|e| Error::Inner(e.into()));
        Ok(Draw {
            office: OfficeCode::parse(&self.office).map_err(Error::inner)?,
            day: self.day,
            round: fit(self.round)?,
            state: match self.state.as_str() {
                FROZEN => DrawState::Frozen,
                "revealed" => DrawState::Revealed,
                _ => DrawState::Drawn,
            },
            retrospective: self.retrospective,
            capacity: fit(self.capacity)?,
            floor_ppm: fit(self.floor_ppm)?,
            policy: (self.policy_id, self.policy_version, self.policy_sha256),
            risk_model: self.risk_model,
            entropy: self.entropy,
            commitment: self.commitment,
            frame_rows: fit(self.frame_rows)?,
            take_all: fit(self.take_all)?,
            asked: sum(&self.asked)?,
            given: sum(&self.given)?,
            drawn: fit(self.drawn)?,
            roster: self.roster,
            frame_sha256: self.frame_sha256,
            roster_sha256: self.roster_sha256,
            sample_sha256: self.sample_sha256,
            seed: self.seed,
            start: fit(self.start_at)?,
            closed_at: self.closed_at.and_utc(),
            created_at: self.created_at.and_utc(),
            revealed_at: self.revealed_at.map(|at| at.and_utc()),
            secret: self.secret,
            campaigns: serde_json::from_str(&self.campaigns).map_err(|e| Error::Inner(e.into()))?,
            in_force_sha256: self.in_force_sha256,
            id: self.id,
        })
    }
}

/// Keeps a draw; `false` when that office, day and round is drawn already.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, draw: &Draw) -> Result<bool> {
    let row = Row::of(draw)?;
    let made = each!(conn, c => diesel::insert_into(draws::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(made > 0)
}

/// Puts a draw's new state in place of the old.
///
/// # Errors
/// Those of the database.
pub fn update(conn: &mut Conn, draw: &Draw) -> Result<()> {
    diesel::update(draws::table.filter(draws::id.eq(&draw.id)))
        .set(Row::of(draw)?)
        .execute(conn)?;
    Ok(())
}

/// One draw.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, id: &str) -> Result<Option<Draw>> {
    let row: Option<Row> = draws::table.filter(draws::id.eq(id)).first(conn).optional()?;
    row.map(Row::read).transpose()
}

/// All draws of an office and day, in order of rounds.
///
/// # Errors
/// Those of the database.
pub fn of_day(conn: &mut Conn, office: &str, day: NaiveDate) -> Result<Vec<Draw>> {
    let rows: Vec<Row> = draws::table
        .filter(draws::office.eq(office).and(draws::day.eq(day)))
        .order(draws::round)
        .load(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// What a list of draws is restricted to.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Filter {
    /// Offices, already inside the caller's; empty for all of the caller's.
    pub offices: Vec<String>,
    /// First and last inspection day.
    pub days: (Option<NaiveDate>, Option<NaiveDate>),
}

/// Draws inside a filter, the latest day first, after a draw in that order.
///
/// # Errors
/// Those of the database.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    after: Option<&(NaiveDate, String)>,
    limit: i64,
) -> Result<Vec<Draw>> {
    let mut query = draws::table.into_boxed();
    let offices = narrowed(scope, &filter.offices);
    if let Some(offices) = offices {
        query = query.filter(draws::office.eq_any(offices));
    }
    if let Some(first) = filter.days.0 {
        query = query.filter(draws::day.ge(first));
    }
    if let Some(last) = filter.days.1 {
        query = query.filter(draws::day.le(last));
    }
    if let Some((day, id)) = after {
        query = query.filter(draws::day.lt(*day).or(draws::day.eq(*day).and(draws::id.gt(id))));
    }
    let rows: Vec<Row> = query.order((draws::day.desc(), draws::id)).limit(limit).load(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// The offices a query is restricted to; `None` for all.
pub(super) fn narrowed(scope: &Scope, asked: &[String]) -> Option<Vec<String>> {
    match (asked, scope) {
        ([], Scope::All) => None,
        ([], Scope::Only(own)) => Some(own.iter().map(ToString::to_string).collect()),
        (asked, scope) => {
            Some(asked.iter().filter(|office| scope.holds(office)).cloned().collect())
        }
    }
}

/// Draws that are drawn but not revealed and whose day is at most `day`.
///
/// # Errors
/// Those of the database.
pub fn unrevealed_until(conn: &mut Conn, day: NaiveDate) -> Result<Vec<Draw>> {
    let rows: Vec<Row> = draws::table
        .filter(draws::revealed_at.is_null().and(draws::day.le(day)))
        .filter(draws::state.ne(FROZEN))
        .order((draws::day, draws::id))
        .load(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// The draws that wait for their entropy, the earliest day first.
///
/// # Errors
/// Those of the database.
pub fn frozen(conn: &mut Conn) -> Result<Vec<Draw>> {
    let rows: Vec<Row> =
        draws::table.filter(draws::state.eq(FROZEN)).order((draws::day, draws::id)).load(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// The ids of the draws that wait for their entropy.
///
/// # Errors
/// Those of the database.
pub fn frozen_ids(conn: &mut Conn) -> Result<Vec<String>> {
    Ok(draws::table.filter(draws::state.eq(FROZEN)).select(draws::id).load(conn)?)
}

/// Whether a draw waits for its entropy.
///
/// # Errors
/// Those of the database.
pub fn is_frozen(conn: &mut Conn, id: &str) -> Result<bool> {
    let state: Option<String> =
        draws::table.find(id).select(draws::state).get_result(conn).optional()?;
    Ok(state.as_deref() == Some(FROZEN))
}

/// Rows of one PostgreSQL statement of candidates.
const PG_BATCH: usize = 2_000;

/// Freezes the rows of a frame.
///
/// # Errors
/// Those of the database.
pub fn insert_candidates(conn: &mut Conn, draw: &Draw, frame: &[Candidate]) -> Result<()> {
    let row = |c: &Candidate| {
        Ok::<_, Error>((
            candidates::draw_id.eq(draw.id.clone()),
            candidates::declaration_number.eq(c.declaration_number.clone()),
            candidates::office.eq(draw.office.to_string()),
            candidates::day.eq(draw.day),
            candidates::region.eq(c.region.clone()),
            candidates::country.eq(c.country.clone()),
            candidates::commodity_code.eq(c.commodity_code.clone()),
            candidates::exporter_id.eq(c.exporter_id.clone()),
            candidates::rule.eq(c.rule.clone()),
            candidates::proportion_ppm.eq(fit::<_, i32>(c.proportion_ppm)?),
            candidates::factor.eq(i64::from(c.factor)),
            candidates::take_all.eq(c.take_all),
            candidates::pi.eq(fit::<_, i64>(c.pi)?),
            candidates::score_ppb.eq(c.scored.as_ref().map(|scored| i64::from(scored.score_ppb))),
            candidates::past.eq(c.scored.as_ref().map(|scored| scored.past.clone())),
            candidates::directive.eq(c.directive.clone()),
        ))
    };
    match conn {
        Conn::Sqlite(conn) => {
            for candidate in frame {
                diesel::insert_into(candidates::table).values(row(candidate)?).execute(conn)?;
            }
        }
        Conn::Pg(conn) => {
            for batch in frame.chunks(PG_BATCH) {
                let rows = batch.iter().map(row).collect::<Result<Vec<_>>>()?;
                diesel::insert_into(candidates::table).values(rows).execute(conn)?;
            }
        }
    }
    Ok(())
}

#[derive(Queryable)]
struct CandidateRow {
    #[expect(dead_code, reason = "the draw is known to whoever asks")]
    draw_id: String,
    declaration_number: String,
    #[expect(dead_code, reason = "so is its office")]
    office: String,
    #[expect(dead_code, reason = "and its day")]
    day: NaiveDate,
    region: String,
    country: String,
    commodity_code: String,
    exporter_id: String,
    rule: String,
    proportion_ppm: i32,
    factor: i64,
    take_all: bool,
    pi: i64,
    score_ppb: Option<i64>,
    past: Option<String>,
    directive: Option<String>,
}

fn candidate(row: CandidateRow) -> Result<Candidate> {
    Ok(Candidate {
        declaration_number: row.declaration_number,
        region: row.region,
        country: row.country,
        commodity_code: row.commodity_code,
        exporter_id: row.exporter_id,
        rule: row.rule,
        proportion_ppm: fit(row.proportion_ppm)?,
        factor: fit(row.factor)?,
        take_all: row.take_all,
        pi: fit(row.pi)?,
        scored: scored(row.score_ppb, row.past)?,
        directive: row.directive,
    })
}

/// What a score said, from its columns.
pub(super) fn scored(score_ppb: Option<i64>, past: Option<String>) -> Result<Option<Scored>> {
    let Some((score_ppb, past)) = score_ppb.zip(past) else { return Ok(None) };
    Ok(Some(Scored { score_ppb: fit(score_ppb)?, past }))
}

/// A page of the rows of a frozen frame, sorted bytewise by number, after a number; the empty text
/// stands before every number.
///
/// # Errors
/// Those of the database.
pub fn candidates(
    conn: &mut Conn,
    draw_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Candidate>> {
    let rows: Vec<CandidateRow> = candidates::table
        .filter(candidates::draw_id.eq(draw_id).and(candidates::declaration_number.gt(after)))
        .order(candidates::declaration_number)
        .limit(limit)
        .load(conn)?;
    rows.into_iter().map(candidate).collect()
}

/// The row of one declaration in a frozen frame.
///
/// # Errors
/// Those of the database.
pub fn candidate_of(conn: &mut Conn, draw_id: &str, number: &str) -> Result<Option<Candidate>> {
    let row = candidates::table
        .filter(candidates::draw_id.eq(draw_id).and(candidates::declaration_number.eq(number)));
    row.get_result(conn).optional()?.map(candidate).transpose()
}

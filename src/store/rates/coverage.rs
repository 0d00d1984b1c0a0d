//! How far frames, draws and inspectors got: sums over the rows of the frames, made by the database
//! out of whole numbers.

use super::query::{inside, place_columns};
use super::{Filter, Place};
use crate::domain::draw::Selection;
use crate::domain::inspection::{ItemState, NotInspectedReason};
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::draws::{fit, frozen_ids};
use crate::store::prefix::any_prefix;
use crate::store::schema::{candidates, draws, sample_items};
use chrono::NaiveDate;
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// How finely rows are told apart, besides day, office, region and selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// No further.
    Region,
    /// By country.
    Country,
    /// By country, commodity and exporter.
    Goods,
}

/// Sums over rows of frames that share a place.
#[derive(Clone, Debug)]
pub struct FrameSums {
    /// Where they belong.
    pub place: Place,
    /// How many they are.
    pub rows: u64,
    /// Sum of the proportions of their rules, in millionths.
    pub proportion_ppm: u64,
    /// Sum of their inclusion probabilities, in units of 2⁻³².
    pub pi: u64,
    /// Of the rows left to chance, those whose rule and risk ask for no more than the floor.
    pub at_floor: u64,
}

/// What was drawn and could not be inspected, for one reason.
#[derive(Clone, Debug)]
pub struct NotInspectedRows {
    /// Where it belongs.
    pub place: Place,
    /// Why.
    pub reason: NotInspectedReason,
    /// How many.
    pub rows: u64,
}

/// What a draw says of its day.
#[derive(Clone, Debug)]
pub struct DrawFigures {
    /// The office.
    pub office: String,
    /// The inspection day.
    pub day: NaiveDate,
    /// Σ of the chances asked, in units of 2⁻³², without directives.
    pub asked: u128,
    /// Σ of the chances given, in units of 2⁻³², without directives.
    pub given: u128,
    /// Whether it was made afterwards.
    pub retrospective: bool,
    /// Where its entropy came from, as the frame's header names it.
    pub entropy: String,
    /// Whether its secret is published.
    pub revealed: bool,
    /// Items drawn.
    pub drawn: u64,
}

type Row = ((NaiveDate, String, String, String, String, String), bool, i64, i64, i64, i64);

const AT_FLOOR: &str = "CAST(SUM(CASE WHEN NOT candidates.take_all AND \
     CAST(candidates.proportion_ppm AS BIGINT) * candidates.factor <= 65536 * CAST((SELECT \
     draws.floor_ppm FROM draws WHERE draws.id = candidates.draw_id) AS BIGINT) THEN 1 ELSE 0 END) \
     AS BIGINT)";

/// Sums over the rows of the frames that are drawn, in no order.
///
/// # Errors
/// Those of the database.
pub fn frame_sums(conn: &mut Conn, filter: &Filter, detail: Detail) -> Result<Vec<FrameSums>> {
    use candidates as c;
    let frozen = frozen_ids(conn)?;
    macro_rules! grouped {
        ($group:expr, $country:expr, $commodity:expr, $exporter:expr) => {{
            let query = c::table.group_by($group).select((
                (c::day, c::office, c::region, $country, $commodity, $exporter),
                c::take_all,
                count_star(),
                sql::<BigInt>("CAST(SUM(candidates.proportion_ppm) AS BIGINT)"),
                sql::<BigInt>("CAST(SUM(candidates.pi) AS BIGINT)"),
                sql::<BigInt>(AT_FLOOR),
            ));
            let mut query = inside!(query, filter, c, day, country);
            if !frozen.is_empty() {
                query = query.filter(c::draw_id.ne_all(frozen));
            }
            if let Some(only) = filter.only() {
                query = query.filter(c::take_all.eq(only == Selection::Directive));
            }
            query.load::<Row>(conn)?
        }};
    }
    let not_told = || sql::<Text>("''");
    let rows = match detail {
        Detail::Region => grouped!(
            (c::day, c::office, c::region, c::take_all),
            not_told(),
            not_told(),
            not_told()
        ),
        Detail::Country => grouped!(
            (c::day, c::office, c::region, c::country, c::take_all),
            c::country,
            not_told(),
            not_told()
        ),
        Detail::Goods => grouped!(
            (place_columns!(c, day, country), c::take_all),
            c::country,
            c::commodity_code,
            c::exporter_id
        ),
    };
    rows.into_iter().map(sums).collect()
}

fn sums((row, take_all, rows, proportion_ppm, pi, at_floor): Row) -> Result<FrameSums> {
    let (day, office, region, country, commodity, exporter) = row;
    let selection = Some(if take_all { Selection::Directive } else { Selection::Random });
    Ok(FrameSums {
        place: Place { day, office, region, country, commodity, exporter, selection },
        rows: fit(rows)?,
        proportion_ppm: fit(proportion_ppm)?,
        pi: fit(pi)?,
        at_floor: fit(at_floor)?,
    })
}

type ReasonRow = ((NaiveDate, String, String, String, String, String), String, Option<String>, i64);

/// What was drawn and could not be inspected, by place and reason, in no order.
///
/// # Errors
/// Those of the database.
pub fn not_inspected(conn: &mut Conn, filter: &Filter) -> Result<Vec<NotInspectedRows>> {
    use sample_items as i;
    let place = place_columns!(i, day, country);
    let query = i::table.group_by((place, i::selection, i::not_inspected_reason)).select((
        place,
        i::selection,
        i::not_inspected_reason,
        count_star(),
    ));
    let mut query = inside!(query, filter, i, day, country)
        .filter(i::state.eq(ItemState::NotInspected.as_str()));
    if let Some(only) = filter.only() {
        query = query.filter(i::selection.eq(only.as_str()));
    }
    let rows: Vec<ReasonRow> = query.load(conn)?;
    rows.into_iter().map(reason).collect()
}

fn reason((row, selection, reason, rows): ReasonRow) -> Result<NotInspectedRows> {
    let (day, office, region, country, commodity, exporter) = row;
    let selection = Selection::find(&selection);
    let reason = reason.as_deref().and_then(NotInspectedReason::find);
    Ok(NotInspectedRows {
        place: Place { day, office, region, country, commodity, exporter, selection },
        reason: reason.ok_or_else(|| Error::inner("an item is not inspected for no reason"))?,
        rows: fit(rows)?,
    })
}

/// What the draws of some days say, by office, day and round; frames that wait for entropy are none.
///
/// # Errors
/// Those of the database.
pub fn draw_figures(
    conn: &mut Conn,
    days: (NaiveDate, NaiveDate),
    offices: Option<&[String]>,
) -> Result<Vec<DrawFigures>> {
    use draws as d;
    let columns = (d::office, d::day, d::asked, d::given, d::retrospective, d::entropy);
    let made = d::day.between(days.0, days.1).and(d::state.ne("frozen"));
    let mut query = d::table
        .filter(made)
        .select((columns, d::revealed_at.is_not_null(), d::drawn))
        .into_boxed();
    if let Some(offices) = offices {
        query = query.filter(d::office.eq_any(offices));
    }
    type DrawRow = ((String, NaiveDate, String, String, bool, String), bool, i64);
    let rows: Vec<DrawRow> = query.order((d::office, d::day, d::round)).load(conn)?;
    let sum = |text: &str| text.parse::<u128>().map_err(|error| Error::Inner(error.into()));
    let figures =
        |((office, day, asked, given, retrospective, entropy), revealed, drawn): DrawRow| {
            let (asked, given, drawn) = (sum(&asked)?, sum(&given)?, fit(drawn)?);
            Ok(DrawFigures { office, day, asked, given, retrospective, entropy, revealed, drawn })
        };
    rows.into_iter().map(figures).collect()
}

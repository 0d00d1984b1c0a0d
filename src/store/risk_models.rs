//! Risk models, which of them is active, and their scales.

use crate::domain::approval::SignedBefore;
use crate::domain::risk::{ActivationKind, RiskActivation, RiskModel};
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::draws::fit;
use crate::store::schema::{declarations, risk_activations, risk_models, risk_scales};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use std::collections::BTreeMap;

#[derive(Queryable, Insertable)]
#[diesel(table_name = risk_models, treat_none_as_default_value = false)]
struct Row {
    version: i32,
    as_of: NaiveDate,
    recipe: String,
    recipe_sha256: String,
    lessons: i64,
    failures: i64,
    lessons_sha256: String,
    currency: Option<String>,
    summary: String,
    sha256: String,
    backtest: String,
    fitted_at: NaiveDateTime,
    fitted_by: String,
}

/// All but the model's text.
type Columns = (
    risk_models::version,
    risk_models::as_of,
    risk_models::recipe,
    risk_models::recipe_sha256,
    risk_models::lessons,
    risk_models::failures,
    risk_models::lessons_sha256,
    risk_models::currency,
    risk_models::summary,
    risk_models::sha256,
    risk_models::backtest,
    risk_models::fitted_at,
    risk_models::fitted_by,
);

#[diesel::dsl::auto_type(no_type_alias)]
fn heads() -> _ {
    let columns: Columns = (
        risk_models::version,
        risk_models::as_of,
        risk_models::recipe,
        risk_models::recipe_sha256,
        risk_models::lessons,
        risk_models::failures,
        risk_models::lessons_sha256,
        risk_models::currency,
        risk_models::summary,
        risk_models::sha256,
        risk_models::backtest,
        risk_models::fitted_at,
        risk_models::fitted_by,
    );
    risk_models::table.select(columns)
}

fn read(row: Row) -> Result<RiskModel> {
    Ok(RiskModel {
        version: row.version,
        as_of: row.as_of,
        recipe: row.recipe,
        recipe_sha256: row.recipe_sha256,
        lessons: fit(row.lessons)?,
        failures: fit(row.failures)?,
        lessons_sha256: row.lessons_sha256,
        currency: row.currency,
        summary: row.summary,
        sha256: row.sha256,
        backtest: row.backtest,
        fitted_at: row.fitted_at.and_utc(),
        fitted_by: row.fitted_by,
    })
}

/// Keeps a model with its text.
///
/// # Errors
/// Those of the database; the version is there already.
pub fn insert(conn: &mut Conn, model: &RiskModel, text: &str) -> Result<()> {
    let row = Row {
        version: model.version,
        as_of: model.as_of,
        recipe: model.recipe.clone(),
        recipe_sha256: model.recipe_sha256.clone(),
        lessons: fit(model.lessons)?,
        failures: fit(model.failures)?,
        lessons_sha256: model.lessons_sha256.clone(),
        currency: model.currency.clone(),
        summary: model.summary.clone(),
        sha256: model.sha256.clone(),
        backtest: model.backtest.clone(),
        fitted_at: model.fitted_at.naive_utc(),
        fitted_by: model.fitted_by.clone(),
    };
    let values = (row, risk_models::model.eq(text));
    diesel::insert_into(risk_models::table).values(values).execute(conn)?;
    Ok(())
}

/// One model.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, version: i32) -> Result<Option<RiskModel>> {
    let row = heads().filter(risk_models::version.eq(version));
    row.get_result(conn).optional()?.map(read).transpose()
}

/// The text of a model, JSON.
///
/// # Errors
/// Those of the database; there is none of that version.
pub fn text(conn: &mut Conn, version: i32) -> Result<String> {
    let row = risk_models::table.filter(risk_models::version.eq(version));
    Ok(row.select(risk_models::model).get_result(conn)?)
}

/// Who first fitted a model by a recipe: who proposed it.
///
/// # Errors
/// Those of the database.
pub fn proposer(conn: &mut Conn, recipe_sha256: &str) -> Result<Option<String>> {
    Ok(risk_models::table
        .filter(risk_models::recipe_sha256.eq(recipe_sha256))
        .order(risk_models::version)
        .select(risk_models::fitted_by)
        .limit(1)
        .get_result(conn)
        .optional()?)
}

/// The same fit, if it was made before: same recipe, day and lessons.
///
/// # Errors
/// Those of the database.
pub fn same(conn: &mut Conn, fitted: &RiskModel) -> Result<Option<RiskModel>> {
    let row = heads()
        .filter(risk_models::recipe_sha256.eq(&fitted.recipe_sha256))
        .filter(risk_models::as_of.eq(fitted.as_of))
        .filter(risk_models::lessons_sha256.eq(&fitted.lessons_sha256));
    row.get_result(conn).optional()?.map(read).transpose()
}

/// The highest version; 0 where there is none.
///
/// # Errors
/// Those of the database.
pub fn last_version(conn: &mut Conn) -> Result<i32> {
    let last: Option<i32> =
        risk_models::table.select(diesel::dsl::max(risk_models::version)).get_result(conn)?;
    Ok(last.unwrap_or(0))
}

/// Models, the latest first, below a version.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn, below: Option<i32>, limit: i64) -> Result<Vec<RiskModel>> {
    let rows: Vec<Row> = heads()
        .filter(risk_models::version.lt(below.unwrap_or(i32::MAX)))
        .order(risk_models::version.desc())
        .limit(limit)
        .load(conn)?;
    rows.into_iter().map(read).collect()
}

type ActivationRow = (i32, Option<i32>, String, Option<String>, String, NaiveDateTime);

fn activation(row: ActivationRow) -> Result<RiskActivation> {
    let (number, version, kind, note, actor, at) = row;
    let kind = ActivationKind::find(&kind);
    let kind = kind.ok_or_else(|| Error::inner("a stored activation has no valid kind"))?;
    Ok(RiskActivation { number, version, kind, note, actor, at: at.and_utc() })
}

/// Keeps a change of the active model.
///
/// # Errors
/// Those of the database; the number is there already.
pub fn insert_activation(conn: &mut Conn, activation: &RiskActivation) -> Result<()> {
    diesel::insert_into(risk_activations::table)
        .values((
            risk_activations::number.eq(activation.number),
            risk_activations::version.eq(activation.version),
            risk_activations::kind.eq(activation.kind.as_str()),
            risk_activations::note.eq(&activation.note),
            risk_activations::actor.eq(&activation.actor),
            risk_activations::activated_at.eq(activation.at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// The last change of the active model before a moment.
///
/// # Errors
/// Those of the database.
pub fn last_activation(conn: &mut Conn, before: DateTime<Utc>) -> Result<Option<RiskActivation>> {
    // Years of five digits sort before others in SQLite's text.
    let before = before.min(LAST_MOMENT).naive_utc();
    let row = risk_activations::table
        .filter(risk_activations::activated_at.lt(before))
        .order(risk_activations::number.desc())
        .limit(1);
    row.get_result(conn).optional()?.map(activation).transpose()
}

/// Activations with their models.
#[diesel::dsl::auto_type(no_type_alias)]
fn models() -> _ {
    risk_models::table.on(risk_activations::version.eq(risk_models::version.nullable()))
}

/// The day up to which the model that was active last knows, active still or withdrawn since.
///
/// # Errors
/// Those of the database.
pub fn latest_as_of(conn: &mut Conn) -> Result<Option<(i32, NaiveDate)>> {
    Ok(risk_activations::table
        .inner_join(models())
        .order(risk_activations::number.desc())
        .select((risk_models::version, risk_models::as_of))
        .limit(1)
        .get_result(conn)
        .optional()?)
}

/// The changes that made a model the active one, in their order.
///
/// # Errors
/// Those of the database.
pub fn activations_of(conn: &mut Conn, versions: &[i32]) -> Result<Vec<RiskActivation>> {
    let rows: Vec<ActivationRow> = risk_activations::table
        .filter(risk_activations::version.eq_any(versions))
        .order(risk_activations::number)
        .load(conn)?;
    rows.into_iter().map(activation).collect()
}

/// The model that is active now.
///
/// # Errors
/// Those of the database.
pub fn active(conn: &mut Conn) -> Result<Option<RiskModel>> {
    active_at(conn, NEVER)
}

/// After every activation there is.
const NEVER: DateTime<Utc> = DateTime::<Utc>::MAX_UTC;

/// The last moment of the year 9999.
const LAST_MOMENT: DateTime<Utc> = match DateTime::from_timestamp(253_402_300_799, 0) {
    Some(moment) => moment,
    None => NEVER,
};

fn active_at(conn: &mut Conn, moment: DateTime<Utc>) -> Result<Option<RiskModel>> {
    match last_activation(conn, moment)?.and_then(|activation| activation.version) {
        Some(version) => find(conn, version),
        None => Ok(None),
    }
}

/// The version that is active now.
///
/// # Errors
/// Those of the database.
pub fn active_version(conn: &mut Conn) -> Result<Option<i32>> {
    Ok(last_activation(conn, NEVER)?.and_then(|activation| activation.version))
}

/// How many changes of the active model there were.
///
/// # Errors
/// Those of the database.
pub fn activations(conn: &mut Conn) -> Result<i32> {
    Ok(last_activation(conn, NEVER)?.map_or(0, |last| last.number))
}

/// The model that aims a frame of a day: the one that was active when it closed. A frame of history is
/// aimed by none that knows what came after it: of the models that were ever activated by the one that
/// knows most of the time before the day, unless all were withdrawn.
///
/// # Errors
/// Those of the database.
pub fn active_for(
    conn: &mut Conn,
    day: NaiveDate,
    signed_before: SignedBefore,
) -> Result<Option<RiskModel>> {
    if let Some(moment) = signed_before {
        return active_at(conn, moment);
    }
    if active(conn)?.is_none() {
        return Ok(None);
    }
    let version: Option<i32> = risk_activations::table
        .inner_join(models())
        .filter(risk_models::as_of.le(day))
        .order((risk_models::as_of.desc(), risk_activations::number.desc()))
        .select(risk_models::version)
        .limit(1)
        .get_result(conn)
        .optional()?;
    version.map_or(Ok(None), |version| find(conn, version))
}

/// How the scores of a model become factors under one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredScale {
    /// How many declarations it was measured on.
    pub declarations: u64,
    /// The scale, as JSON.
    pub scale: String,
}

/// The scales of a model under what is in force, by rule; none where it was not measured yet.
///
/// # Errors
/// Those of the database.
pub fn scales(
    conn: &mut Conn,
    version: i32,
    in_force_sha256: &str,
) -> Result<BTreeMap<String, StoredScale>> {
    let rows: Vec<(String, i64, String)> = risk_scales::table
        .filter(risk_scales::version.eq(version))
        .filter(risk_scales::in_force_sha256.eq(in_force_sha256))
        .select((risk_scales::rule, risk_scales::declarations, risk_scales::scale))
        .load(conn)?;
    rows.into_iter()
        .map(|(rule, declarations, scale)| {
            Ok((rule, StoredScale { declarations: fit(declarations)?, scale }))
        })
        .collect()
}

/// Keeps the scales of a model under what is in force; those that are there stay.
///
/// # Errors
/// Those of the database.
pub fn insert_scales(
    conn: &mut Conn,
    version: i32,
    in_force_sha256: &str,
    scales: &BTreeMap<String, StoredScale>,
    now: DateTime<Utc>,
) -> Result<()> {
    for (rule, stored) in scales {
        let values = (
            risk_scales::version.eq(version),
            risk_scales::in_force_sha256.eq(in_force_sha256),
            risk_scales::rule.eq(rule),
            risk_scales::declarations.eq(fit::<_, i64>(stored.declarations)?),
            risk_scales::scale.eq(&stored.scale),
            risk_scales::created_at.eq(now.naive_utc()),
        );
        crate::store::connection::each!(conn, c => diesel::insert_into(risk_scales::table)
            .values(values)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// What a score needs of a declaration: number, office, exporter, destination, commodity, net weight,
/// value in minor units, currency.
pub type Sheet =
    (String, String, String, String, String, Option<String>, Option<i64>, Option<String>);

/// The declarations of an office's inspection day that are not cancelled, in bytewise order of number.
///
/// # Errors
/// Those of the database.
pub fn declared(conn: &mut Conn, office: &str, day: NaiveDate) -> Result<Vec<Sheet>> {
    Ok(declarations::table
        .filter(declarations::office.eq(office).and(declarations::inspection_day.eq(day)))
        .filter(declarations::cancelled_at.is_null())
        .select((
            declarations::declaration_number,
            declarations::office,
            declarations::exporter_id,
            declarations::destination_country,
            declarations::commodity_code,
            declarations::net_weight_kg,
            declarations::value_minor,
            declarations::currency,
        ))
        .order(declarations::declaration_number)
        .load(conn)?)
}

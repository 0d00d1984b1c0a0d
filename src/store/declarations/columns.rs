//! Many rows as one PostgreSQL statement: an array for each column, so that the statement is short
//! and the same for any number of rows.

use super::Row;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamp};

/// The columns in the order of the table.
const INSERT: &str = "INSERT INTO declarations (declaration_number, office, inspection_day, \
    exporter_id, exporter_name, consignment, destination_country, region, commodity_code, \
    description, quantity, unit, packages, net_weight_kg, gross_weight_kg, value_minor, currency, \
    location, declared_at, received_at, historical, warnings, revision, chain_sequence) \
    SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
    $17, $18, $19, $20, $21, $22, $23, $24) \
    ON CONFLICT (declaration_number) DO NOTHING RETURNING declaration_number";

#[derive(QueryableByName)]
struct Made {
    #[diesel(sql_type = Text)]
    declaration_number: String,
}

/// Inserts rows that are new, which no draw holds and nobody has cancelled; the numbers that were.
///
/// # Errors
/// Those of the database.
pub(super) fn insert(conn: &mut PgConnection, rows: &[Row<'_>]) -> QueryResult<Vec<String>> {
    fn all<'a, T>(rows: &'a [Row<'a>], column: impl Fn(&'a Row<'a>) -> T) -> Vec<T> {
        rows.iter().map(column).collect()
    }
    type Words<'a> = Vec<Option<&'a str>>;
    let query = diesel::sql_query(INSERT)
        .bind::<Array<Text>, Vec<&str>>(all(rows, |row| &*row.declaration_number))
        .bind::<Array<Text>, Vec<&str>>(all(rows, |row| &*row.office))
        .bind::<Array<Date>, Vec<NaiveDate>>(all(rows, |row| row.inspection_day))
        .bind::<Array<Text>, Vec<&str>>(all(rows, |row| &*row.exporter_id))
        .bind::<Array<Nullable<Text>>, Words<'_>>(all(rows, |row| row.exporter_name.as_deref()))
        .bind::<Array<Nullable<Text>>, Words<'_>>(all(rows, |row| row.consignment.as_deref()))
        .bind::<Array<Text>, Vec<&str>>(all(rows, |row| &*row.destination_country))
        .bind::<Array<Text>, Vec<&str>>(all(rows, |row| &*row.region))
        .bind::<Array<Text>, Vec<&str>>(all(rows, |row| &*row.commodity_code))
        .bind::<Array<Nullable<Text>>, Words<'_>>(all(rows, |row| row.description.as_deref()))
        .bind::<Array<Text>, Vec<&str>>(all(rows, |row| &*row.quantity))
        .bind::<Array<Text>, Vec<&str>>(all(rows, |row| &*row.unit))
        .bind::<Array<Nullable<BigInt>>, Vec<Option<i64>>>(all(rows, |row| row.packages))
        .bind::<Array<Nullable<Text>>, Words<'_>>(all(rows, |row| row.net_weight_kg.as_deref()))
        .bind::<Array<Nullable<Text>>, Words<'_>>(all(rows, |row| row.gross_weight_kg.as_deref()))
        .bind::<Array<Nullable<BigInt>>, Vec<Option<i64>>>(all(rows, |row| row.value_minor))
        .bind::<Array<Nullable<Text>>, Words<'_>>(all(rows, |row| row.currency.as_deref()))
        .bind::<Array<Nullable<Text>>, Words<'_>>(all(rows, |row| row.location.as_deref()))
        .bind::<Array<Timestamp>, Vec<NaiveDateTime>>(all(rows, |row| row.declared_at))
        .bind::<Array<Timestamp>, Vec<NaiveDateTime>>(all(rows, |row| row.received_at))
        .bind::<Array<Bool>, Vec<bool>>(all(rows, |row| row.historical))
        .bind::<Array<Text>, Vec<&str>>(all(rows, |row| &*row.warnings))
        .bind::<Array<Integer>, Vec<i32>>(all(rows, |row| row.revision))
        .bind::<Array<BigInt>, Vec<i64>>(all(rows, |row| row.chain_sequence));
    let made: Vec<Made> = query.load(conn)?;
    Ok(made.into_iter().map(|made| made.declaration_number).collect())
}

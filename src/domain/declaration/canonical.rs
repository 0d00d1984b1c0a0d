//! The canonical JSON of a declaration, written without a detour: RFC 8785 sorts the keys, and so
//! are the fields here.

use super::Declaration;
use crate::domain::decimal::Decimal;
use chrono::SecondsFormat;
use serde::Serialize;

#[derive(Serialize)]
struct Canonical<'a> {
    commodity_code: &'a str,
    consignment: Option<&'a str>,
    declaration_number: &'a str,
    declared_at: String,
    description: Option<&'a str>,
    destination_country: &'a str,
    exporter_id: &'a str,
    exporter_name: Option<&'a str>,
    gross_weight_kg: Option<&'a str>,
    location: Option<&'a str>,
    net_weight_kg: Option<&'a str>,
    office: &'a str,
    packages: Option<i64>,
    quantity: &'a str,
    unit: &'a str,
    value: Option<CanonicalMoney<'a>>,
}

#[derive(Serialize)]
struct CanonicalMoney<'a> {
    amount: String,
    currency: &'a str,
}

pub(super) fn text(declaration: &Declaration) -> String {
    let d = declaration;
    let canonical = Canonical {
        commodity_code: &d.commodity_code,
        consignment: d.consignment.as_deref(),
        declaration_number: d.number.as_str(),
        declared_at: d.declared_at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        description: d.description.as_deref(),
        destination_country: d.destination_country.alpha2,
        exporter_id: d.exporter_id.as_str(),
        exporter_name: d.exporter_name.as_deref(),
        gross_weight_kg: d.gross_weight_kg.as_ref().map(Decimal::as_str),
        location: d.location.as_deref(),
        net_weight_kg: d.net_weight_kg.as_ref().map(Decimal::as_str),
        office: d.office.as_str(),
        packages: d.packages,
        quantity: d.quantity.as_str(),
        unit: &d.unit,
        value: d
            .value
            .as_ref()
            .map(|money| CanonicalMoney { amount: money.amount(), currency: money.currency.code }),
    };
    serde_json::to_string(&canonical).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::domain::declaration::{DeclarationBody, MoneyBody, parse};
    use crate::domain::digest;

    #[test]
    fn it_is_the_canonical_json_of_the_body() {
        let text = |text: &str| Some(text.to_owned());
        let lean = DeclarationBody {
            declaration_number: text("EXP/1"),
            office: text("CNTAO"),
            exporter_id: text("E"),
            destination_country: text("NA"),
            commodity_code: text("850760"),
            quantity: text("1200.50"),
            unit: text("C62"),
            declared_at: text("2026-11-24T09:22:03.25+08:00"),
            ..DeclarationBody::default()
        };
        let full = DeclarationBody {
            exporter_name: text("海运 \"E\" \\ é"),
            consignment: text("C"),
            description: text("d"),
            packages: Some(4),
            net_weight_kg: text("1"),
            gross_weight_kg: text("2.5"),
            value: Some(MoneyBody { amount: "3.5".into(), currency: "CNY".into() }),
            location: text("Yard 3"),
            ..lean.clone()
        };
        let now = "2026-11-24T10:00:00Z".parse().unwrap();
        for body in [lean, full] {
            let declaration = parse(&body, now, false).ok().unwrap().declaration;
            assert_eq!(declaration.canonical_json(), digest::canonical_json(&declaration.body()));
        }
    }
}

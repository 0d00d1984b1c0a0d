//! What the stories declare and register.

use serde_json::{Value, json};

/// A declaration with every field, as the document's example: batteries to Kenya.
pub fn battery() -> Value {
    json!({
        "office": "CNTAO", "exporter_id": "91370200MA3C", "exporter_name": "Haiyun Electric",
        "consignment": "SHP-77", "destination_country": "KE", "commodity_code": "850760",
        "description": "Lithium-ion batteries", "quantity": "1200", "unit": "C62", "packages": 40,
        "net_weight_kg": "980.5", "gross_weight_kg": "1020",
        "value": {"amount": "153294.00", "currency": "CNY"}, "location": "Yard 3, row 12",
        "declared_at": "2026-11-24T08:22:03+08:00"
    })
}

/// An office in Qingdao that works on weekdays until 18:00 of the day.
pub fn office() -> Value {
    json!({
        "name": "Qingdao", "province": "CN-SD", "time_zone": "Asia/Shanghai", "cut_off": "18:00",
        "daily_capacity": 30, "working_days": [1, 2, 3, 4, 5], "holidays": ["2026-10-01"]
    })
}

/// The same office with other words.
pub fn day_office(name: &str, cut_off: &str) -> Value {
    let mut office = office();
    office["name"] = name.into();
    office["cut_off"] = cut_off.into();
    office
}

/// A policy file.
pub fn toml(id: &str, from: &str) -> String {
    format!(
        "id = \"{id}\"\nfrom = {from}\nfloor = 0.005\n\n[[rules]]\nproportion = 0.02\n\n\
         [[rules]]\nregion = \"africa\"\ncommodity = \"85\"\nproportion = 0.1\n"
    )
}

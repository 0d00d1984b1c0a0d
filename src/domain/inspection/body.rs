//! Results as sent: alone, with an amendment's reason, as an inspection, as a row of a batch.

use super::{Defect, NotInspectedReason, Outcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Each body is flat and strict. serde cannot flatten one struct into another and still refuse
/// unknown fields by name, so the fields of a result are written once here, for every body.
macro_rules! bodies {
    ($(
        $(#[$about:meta])*
        $name:ident { $($(#[$own_about:meta])* $own:ident: $kind:ty,)* }
    )*) => { $(
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        $(#[$about])*
        pub struct $name {
            $($(#[$own_about])* pub $own: $kind,)*
            /// Who inspected; needed when the key is not an inspector's own and the office has a
            /// roster.
            #[serde(default)]
            pub inspector: Option<String>,
            /// How it ended.
            pub outcome: Outcome,
            /// Why not, for `not_inspected` only.
            #[serde(default)]
            pub not_inspected_reason: Option<NotInspectedReason>,
            /// RFC 3339 with offset.
            pub inspected_at: String,
            /// Units opened.
            #[serde(default)]
            pub units_inspected: Option<i64>,
            /// Units with defects.
            #[serde(default)]
            pub units_nonconforming: Option<i64>,
            /// Defects by kind, at most 100.
            #[serde(default)]
            pub defects: Vec<Defect>,
            /// In words, up to 2,000 characters.
            #[serde(default)]
            pub note: Option<String>,
        }

        impl $name {
            /// The result alone.
            pub fn finding(&self) -> FindingBody {
                FindingBody {
                    inspector: self.inspector.clone(),
                    outcome: self.outcome,
                    not_inspected_reason: self.not_inspected_reason,
                    inspected_at: self.inspected_at.clone(),
                    units_inspected: self.units_inspected,
                    units_nonconforming: self.units_nonconforming,
                    defects: self.defects.clone(),
                    note: self.note.clone(),
                }
            }
        }
    )* };
}

bodies! {
    /// A result as sent.
    #[schema(example = json!({"inspector": "insp-07", "outcome": "pass", "not_inspected_reason": null,
        "inspected_at": "2026-11-24T10:05:00+08:00", "units_inspected": 32, "units_nonconforming": 0,
        "defects": [], "note": null}))]
    FindingBody {}

    /// An inspection as sent.
    #[schema(example = json!({"item": "CNTAO-20261124-1/7", "inspector": "insp-07", "outcome": "fail",
        "not_inspected_reason": null, "inspected_at": "2026-11-24T10:05:00+08:00", "units_inspected": 32,
        "units_nonconforming": 1, "defects": [{"code": "label-missing", "class": "major", "count": 1}],
        "note": null}))]
    InspectionBody {
        /// The item: draw id `/` position.
        item: String,
    }

    /// An inspection in a batch.
    #[schema(example = json!({"id": "0198c5a0-0000-7000-8000-000000000000", "item": "CNTAO-20261124-1/7",
        "inspector": "insp-07", "outcome": "pass", "not_inspected_reason": null,
        "inspected_at": "2026-11-24T10:05:00+08:00", "units_inspected": 32, "units_nonconforming": 0,
        "defects": [], "note": null}))]
    SentInspection {
        /// A UUID chosen by the client.
        id: String,
        /// The item: draw id `/` position.
        item: String,
    }

    /// A correction as sent: the whole result as it should read, and why.
    #[schema(example = json!({"reason": "the goods came back", "inspector": "insp-07", "outcome": "pass",
        "not_inspected_reason": null, "inspected_at": "2026-11-25T09:00:00+08:00", "units_inspected": 32,
        "units_nonconforming": 0, "defects": [], "note": null}))]
    AmendmentBody {
        /// Why it is corrected, up to 500 characters.
        reason: String,
    }
}

impl SentInspection {
    /// The inspection without its id.
    pub fn inspection(&self) -> InspectionBody {
        let finding = self.finding();
        InspectionBody {
            item: self.item.clone(),
            inspector: finding.inspector,
            outcome: finding.outcome,
            not_inspected_reason: finding.not_inspected_reason,
            inspected_at: finding.inspected_at,
            units_inspected: finding.units_inspected,
            units_nonconforming: finding.units_nonconforming,
            defects: finding.defects,
            note: finding.note,
        }
    }
}

//! The filters that all trends take.

/// Declares query parameters: its own, then the filters that all trends share, and `filters()`. (serde
/// cannot flatten one struct into another and still refuse what it does not know.)
macro_rules! filtered {
    (
        $(#[$meta:meta])*
        pub struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, serde::Deserialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            $($(#[$field_meta])* $field: $type,)*
            /// Reporting regions.
            #[serde(default)]
            region: Vec<String>,
            /// Groupings, by their members of each day.
            #[serde(default)]
            grouping: Vec<String>,
            /// Destination countries, alpha-2.
            #[serde(default)]
            country: Vec<String>,
            /// Commodity prefixes, 1 to 10 digits.
            #[serde(default)]
            commodity: Vec<String>,
            /// Offices.
            #[serde(default)]
            office: Vec<String>,
            /// Provinces of the offices.
            #[serde(default)]
            province: Vec<String>,
            /// Exporters.
            #[serde(default)]
            exporter: Vec<String>,
            /// Campaigns: the goods in their scope, of all days that are asked for.
            #[serde(default)]
            campaign: Vec<String>,
            /// `random` or `directive`; leaves out what is in no frame yet.
            #[serde(default)]
            selection: Vec<String>,
        }

        impl $name {
            /// Which goods.
            fn filters(&self) -> $crate::flow::rates::Filters {
                $crate::flow::rates::Filters {
                    region: self.region.clone(),
                    grouping: self.grouping.clone(),
                    country: self.country.clone(),
                    commodity: self.commodity.clone(),
                    office: self.office.clone(),
                    province: self.province.clone(),
                    exporter: self.exporter.clone(),
                    campaign: self.campaign.clone(),
                    selection: self.selection.clone(),
                }
            }
        }
    };
}
pub(super) use filtered;

//! Which goods: the filters that all commands about rates take.

use crate::flow::rates::Filters;

/// Which goods. Repeat a filter for "or"; different filters mean "and".
#[derive(clap::Args)]
pub struct FilterArgs {
    /// Reporting region
    #[arg(long)]
    region: Vec<String>,
    /// Grouping, by its members of each day
    #[arg(long)]
    grouping: Vec<String>,
    /// Destination country, alpha-2
    #[arg(long)]
    country: Vec<String>,
    /// Commodity prefix
    #[arg(long)]
    commodity: Vec<String>,
    /// Office
    #[arg(long)]
    office: Vec<String>,
    /// Province of the offices
    #[arg(long)]
    province: Vec<String>,
    /// Exporter
    #[arg(long)]
    exporter: Vec<String>,
    /// Campaign: the goods in its scope
    #[arg(long)]
    campaign: Vec<String>,
    /// random or directive
    #[arg(long)]
    selection: Vec<String>,
}

impl FilterArgs {
    /// As the flow takes them.
    pub fn filters(&self) -> Filters {
        Filters {
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

//! The numbers behind a signal of a chart, whole, so that their digest is the same everywhere.

use super::series::Series;
use crate::flow::rates::{Cell, Split};
use crate::statistics::chart::{Control, Rule};
use serde_json::{Map, Value, json};

/// How these numbers are made; another number says that they are made otherwise.
const VERSION: u32 = 1;

/// What the chart says of its last period, by which rules: shares in millionths, all else that is not
/// whole in thousandths.
pub(super) fn evidence(series: &Series, cell: &Cell, control: &Control, rules: &[Rule]) -> Value {
    let period = cell.period;
    json!({
        "version": VERSION,
        "series": labels(series),
        "period_kind": period.kind().as_str(),
        "period": period.to_string(),
        "first_day": period.first(),
        "last_day": period.last(),
        "rules": rules.iter().map(|rule| rule.name()).collect::<Vec<_>>(),
        "declared": cell.declared(),
        "drawn": cell.counts.drawn,
        "open": cell.counts.open,
        "provisional": cell.provisional,
        "inspected": cell.sums.n,
        "failed": cell.sums.failed,
        "effective_n_milli": cell.rate.effective_n.map(milli),
        "rate_ppm": cell.rate.estimated.map(ppm),
        "centre_ppm": ppm(control.centre),
        "low_ppm": ppm(control.low),
        "high_ppm": ppm(control.high),
        "exact": control.exact,
        "sigma_milli": milli(control.sigma),
        "z_milli": milli(control.z),
        "ewma_milli": milli(control.ewma),
        "cusum_up_milli": milli(control.cusum_up),
        "cusum_down_milli": milli(control.cusum_down),
        "baseline": baseline(series),
    })
}

/// What is charted: `{"region": "africa", "chapter": "85"}` or `{"office": "CNTAO"}`.
fn labels(series: &Series) -> Value {
    let names: &[&str] = match series.of {
        Split::Office => &["office"],
        _ => &["region", "chapter"],
    };
    let named = names.iter().zip(&series.labels);
    Value::Object(
        named.map(|(name, label)| ((*name).to_owned(), json!(label))).collect::<Map<_, _>>(),
    )
}

fn baseline(series: &Series) -> Value {
    let cells = series.baseline();
    let label = |cell: Option<&Cell>| cell.map(|cell| cell.period.to_string());
    json!({
        "from": label(cells.first()),
        "to": label(cells.last()),
        "inspected": cells.iter().map(|cell| cell.sums.n).sum::<u64>(),
        "failed": cells.iter().map(|cell| cell.sums.failed).sum::<u64>(),
    })
}

fn ppm(share: f64) -> i64 {
    whole(share * 1e6)
}

fn milli(number: f64) -> i64 {
    whole(number * 1e3)
}

/// The nearest whole number. By its text, for no cast says whether it fits; what does not is far beyond
/// any rate.
fn whole(number: f64) -> i64 {
    format!("{number:.0}").parse().unwrap_or(i64::MAX)
}

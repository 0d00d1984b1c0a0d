//! Figures as the document.

use super::{
    Report, ReportCampaign, ReportChange, ReportDefect, ReportDefects, ReportDisclosure,
    ReportInterval, ReportOffice, ReportPart, ReportPerformance, ReportProvince, ReportRegion,
    ReportRelative,
};
use crate::api::rate::RateAnswer;
use crate::api::rate::share;
use crate::api::trends::SMALL;
use crate::api::trends::coverage::Reached;
use crate::api::trends::defects::DefectItemAnswer;
use crate::domain::reason::Words;
use crate::domain::reference::defect::DefectClass;
use crate::error::{Error, Result};
use crate::flow::report::{CampaignFigures, Disclosure, Figures, Part, Performance};
use crate::statistics::{Change, Target};
use std::collections::BTreeMap;

/// The version of the document.
const VERSION: &str = "breeze/report/v1";

/// What none is called where a code is needed.
const NO_CODE: &str = "none";

/// The document of figures.
///
/// # Errors
/// None that figures can cause.
pub fn write(figures: &Figures) -> Result<serde_json::Value> {
    serde_json::to_value(Report::new(figures)).map_err(|error| Error::Inner(error.into()))
}

impl Report {
    fn new(figures: &Figures) -> Self {
        let Figures { period, whole, disclosure, .. } = figures;
        let cell = &whole.coverage.cell;
        let offices = figures.offices.iter().map(|(office, part, performance)| {
            let name = office.name.clone();
            let (province, performance) = (office.province.clone(), performed(performance, part));
            let office = office.code.to_string();
            (office, ReportOffice { name, province, part: ReportPart::new(part), performance })
        });
        let provinces = figures.provinces.iter().map(|(province, part, performance)| {
            let performance = performed(performance, part);
            let code = province.clone().unwrap_or_else(|| NO_CODE.to_owned());
            (code, ReportProvince { part: ReportPart::new(part), performance })
        });
        let regions = figures.regions.iter().map(|(region, part)| {
            let name = Words { en: region.name_en().into(), zh: region.name_zh().into() };
            (region.code().to_owned(), ReportRegion { name, part: ReportPart::new(part) })
        });
        Self {
            version: VERSION,
            kind: period.kind(),
            period: period.to_string(),
            from: period.first(),
            to: period.last(),
            compared_with: figures.before.map(|before| before.to_string()),
            scope: figures.offices_only.clone(),
            provisional: cell.provisional || !figures.over,
            notes: notes(figures),
            summary: ReportPart::new(whole),
            months: figures
                .months
                .iter()
                .map(|(month, part)| (month.to_string(), ReportPart::new(part)))
                .collect(),
            regions: regions.collect(),
            offices: offices.collect(),
            provinces: provinces.collect(),
            defects: defects(figures),
            disclosure: disclosed(disclosure, whole),
            campaigns: figures.campaigns.iter().map(campaign).collect(),
        }
    }
}

fn notes(figures: &Figures) -> Vec<Words> {
    let cell = &figures.whole.coverage.cell;
    let words = |en: &str, zh: &str| Words { en: en.into(), zh: zh.into() };
    let mut notes = Vec::new();
    if !figures.over {
        notes.push(words(
            "the period is not over; it is set against the whole one a year before",
            "本期尚未结束，与上年整期相比",
        ));
    }
    if cell.declared() == 0 {
        notes.push(words("nothing was declared", "没有申报"));
    } else if cell.rate.inspected == 0 {
        notes.push(words(
            "nothing was inspected, so there is no rate",
            "没有查验，因此没有不合格率",
        ));
    }
    if cell.provisional {
        notes.push(words(
            "provisional: results are missing still, so rates may move",
            "暂定：部分结果尚未录入，不合格率可能变化",
        ));
    }
    if cell.counts.waiting > 0 {
        notes.push(words(
            "some declarations are in no frame yet: no rate speaks of them",
            "部分申报尚未列入抽样框，不合格率不包括它们",
        ));
    }
    notes
}

impl ReportPart {
    fn new(part: &Part) -> Self {
        let cell = &part.coverage.cell;
        Self {
            coverage: Reached::new(&part.coverage),
            rate: RateAnswer::new(&cell.rate, Target::Declarations),
            provisional: cell.provisional,
            small: cell.rate.inspected < SMALL,
            change: ReportChange::new(part),
        }
    }
}

impl ReportChange {
    fn new(part: &Part) -> Self {
        let Part { process, before, change, .. } = part;
        let reason = match (change, process.inspected) {
            (Some(_), _) => None,
            (None, 0) => Some("nothing_inspected"),
            (None, _) => Some("nothing_inspected_before"),
        };
        Self {
            now: RateAnswer::new(process, Target::Process),
            before: before.map(|before| RateAnswer::new(&before, Target::Process)),
            difference: change.map(|change: Change| ReportInterval {
                value: change.difference.value,
                ci_low: change.difference.low,
                ci_high: change.difference.high,
            }),
            relative_change: change.map(|change| ReportRelative {
                value: change.relative.value,
                ci_low: change.relative.low,
                ci_high: change.relative.high,
            }),
            verdict: change.map(|change| change.verdict.name()),
            reason,
        }
    }
}

fn performed(performance: &Performance, part: &Part) -> ReportPerformance {
    let results = performance.recorded();
    let counts = part.coverage.cell.counts;
    ReportPerformance {
        results,
        median_days: performance.median_days(),
        within_1_day: share(performance.within(1), results),
        within_7_days: share(performance.within(7), results),
        not_inspected_share: share(counts.not_inspected, counts.drawn),
        amendments: performance.amendments,
    }
}

fn defects(figures: &Figures) -> ReportDefects {
    let mut answer = ReportDefects {
        with_defects: figures.defects.with_defects,
        failed_without_defects: figures.defects.failed_without,
        critical: BTreeMap::new(),
        major: BTreeMap::new(),
        minor: BTreeMap::new(),
    };
    for item in figures.defects.items.iter().map(DefectItemAnswer::from) {
        let class = match item.class {
            DefectClass::Critical => &mut answer.critical,
            DefectClass::Major => &mut answer.major,
            DefectClass::Minor => &mut answer.minor,
        };
        let defect = ReportDefect {
            name: item.name,
            rank: u64::try_from(class.len()).unwrap_or(u64::MAX).saturating_add(1),
            inspections: item.inspections,
            defects: item.defects,
            share: item.share,
            cumulated_share: item.cumulated_share,
            per_thousand: item.per_thousand,
        };
        class.insert(item.code, defect);
    }
    answer
}

fn disclosed(told: &Disclosure, whole: &Part) -> ReportDisclosure {
    let counts = whole.coverage.cell.counts;
    ReportDisclosure {
        draws: told.draws,
        revealed: told.revealed,
        retrospective: told.retrospective,
        entropy: told.entropy.clone(),
        missing_draws: told.missing,
        directive_share: share(counts.directive.drawn, counts.drawn),
    }
}

fn campaign(CampaignFigures { campaign, last_day }: &CampaignFigures) -> (String, ReportCampaign) {
    let answer = ReportCampaign {
        name: campaign.name.clone(),
        from: campaign.from,
        until: *last_day,
        sha256: campaign.sha256(),
    };
    (campaign.id.clone(), answer)
}

//! Reference data: what the world agreed on.

use crate::api::error::{ApiError, Problems};
use crate::api::params::Query;
use crate::app::App;
use crate::domain::day;
use crate::domain::problem::{Code, Problem};
use crate::domain::reference::defect::DefectClass;
use crate::domain::reference::region::Region;
use crate::domain::reference::{Names, commodity, country, currency, defect, grouping, unit};
use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Reference data changes with the program only.
const FOR_A_DAY: (HeaderName, &str) = (CACHE_CONTROL, "public, max-age=86400");

fn all<T: Serialize>(items: Vec<T>) -> HttpResponse {
    HttpResponse::Ok().insert_header(FOR_A_DAY).json(Items { items })
}

#[derive(Serialize)]
struct Items<T> {
    items: Vec<T>,
}

/// A country.
#[derive(Serialize, ToSchema)]
pub struct CountryAnswer {
    /// ISO 3166-1 alpha-2; `NA` is Namibia.
    #[schema(example = "KE")]
    pub alpha2: &'static str,
    /// ISO 3166-1 alpha-3.
    #[schema(example = "KEN")]
    pub alpha3: &'static str,
    /// UN M49.
    #[schema(example = "404")]
    pub m49: &'static str,
    /// Its names.
    pub name: Names,
    /// Its reporting region.
    pub region: Region,
}

/// Countries.
#[derive(Serialize, ToSchema)]
pub struct Countries {
    /// By alpha-2.
    pub items: Vec<CountryAnswer>,
}

/// Lists the countries with their reporting regions.
#[utoipa::path(
    operation_id = "list_countries",
    tag = "reference",
    responses((status = 200, description = "Every country", body = Countries), Problems)
)]
#[get("/v1/countries")]
pub async fn countries() -> HttpResponse {
    let answer = |c: &'static country::Country| CountryAnswer {
        alpha2: c.alpha2,
        alpha3: c.alpha3,
        m49: c.m49,
        name: c.names(),
        region: c.region,
    };
    all(country::all().iter().map(answer).collect())
}

/// A named set of countries.
#[derive(Serialize, ToSchema)]
pub struct RegionAnswer {
    /// Its code.
    #[schema(example = "africa")]
    pub code: &'static str,
    /// `region` for a reporting region, of which every country has one; `grouping` for a set that
    /// overlaps freely.
    #[schema(example = "region")]
    pub kind: &'static str,
    /// Its names.
    pub name: Names,
    /// Its members on the day asked, alpha-2.
    pub countries: Vec<&'static str>,
}

/// Reporting regions and groupings.
#[derive(Serialize, ToSchema)]
pub struct Regions {
    /// Regions first.
    pub items: Vec<RegionAnswer>,
}

/// On which day members are counted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DayParams {
    /// Day of membership; today when left out.
    #[serde(default, deserialize_with = "day::maybe")]
    day: Option<NaiveDate>,
}

fn day_asked(app: &App, params: &DayParams) -> NaiveDate {
    params.day.unwrap_or_else(|| app.now().date_naive())
}

fn region_answer(region: Region) -> RegionAnswer {
    let members = country::all().iter().filter(|c| c.region == region);
    RegionAnswer {
        code: region.code(),
        kind: "region",
        name: region.names(),
        countries: members.map(|c| c.alpha2).collect(),
    }
}

fn grouping_answer(grouping: &'static grouping::Grouping, day: NaiveDate) -> RegionAnswer {
    RegionAnswer {
        code: grouping.code,
        kind: "grouping",
        name: grouping.names(),
        countries: grouping.members_on(day).map(|c| c.alpha2).collect(),
    }
}

/// Lists the reporting regions and the groupings with their members of a day.
#[utoipa::path(
    operation_id = "list_regions",
    tag = "reference",
    params(DayParams),
    responses((status = 200, description = "Regions and groupings", body = Regions), Problems)
)]
#[get("/v1/regions")]
pub async fn regions(app: web::Data<App>, params: Query<DayParams>) -> HttpResponse {
    let day = day_asked(&app, &params.0);
    let regions = Region::ALL.into_iter().map(region_answer);
    let groupings = grouping::all().iter().map(|grouping| grouping_answer(grouping, day));
    all(regions.chain(groupings).collect())
}

/// Gives one reporting region or grouping.
#[utoipa::path(
    operation_id = "get_region",
    tag = "reference",
    params(("code" = String, Path, description = "Code of a region or grouping", example = "belt-and-road"), DayParams),
    responses((status = 200, description = "The region or grouping", body = RegionAnswer), Problems)
)]
#[get("/v1/regions/{code}")]
pub async fn get_region(
    app: web::Data<App>,
    code: web::Path<String>,
    params: Query<DayParams>,
) -> Result<HttpResponse, ApiError> {
    let answer = Region::find(&code).map(region_answer).or_else(|| {
        grouping::find(&code).map(|grouping| grouping_answer(grouping, day_asked(&app, &params.0)))
    });
    let answer = answer.ok_or_else(|| Problem::not_found("region", &code))?;
    Ok(HttpResponse::Ok().insert_header(FOR_A_DAY).json(answer))
}

/// A chapter, heading or subheading of HS 2022.
#[derive(Serialize, ToSchema)]
pub struct CommodityAnswer {
    /// 2, 4 or 6 digits.
    #[schema(example = "850760")]
    pub code: &'static str,
    /// Its names; the Chinese one is the chapter's and stands at chapters only.
    pub name: Names,
}

/// Commodities.
#[derive(Serialize, ToSchema)]
pub struct Commodities {
    /// By code.
    pub items: Vec<CommodityAnswer>,
}

/// Which commodities.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CommodityParams {
    /// Digits that the code begins with; the chapters when left out.
    prefix: Option<String>,
}

/// Lists the chapters, or what stands below a prefix.
#[utoipa::path(
    operation_id = "list_commodities",
    tag = "reference",
    params(CommodityParams),
    responses((status = 200, description = "Commodities of HS 2022", body = Commodities), Problems)
)]
#[get("/v1/commodities")]
pub async fn commodities(params: Query<CommodityParams>) -> Result<HttpResponse, ApiError> {
    let answer = |c: &'static commodity::Commodity| CommodityAnswer {
        code: c.code,
        name: Names { en: c.name_en, zh: c.name_zh },
    };
    let found: Vec<_> = match params.0.prefix.as_deref() {
        None => commodity::all().iter().filter(|c| c.code.len() == 2).map(answer).collect(),
        Some(prefix) if !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit()) => {
            commodity::starting_with(prefix).iter().map(answer).collect()
        }
        Some(prefix) => {
            let words = format!("prefix `{}` is not made of digits", prefix.escape_debug());
            return Err(Problem::new(Code::InvalidParameter, words).into());
        }
    };
    Ok(all(found))
}

/// A currency.
#[derive(Serialize, ToSchema)]
pub struct CurrencyAnswer {
    /// ISO 4217.
    #[schema(example = "CNY")]
    pub code: &'static str,
    /// Its English name.
    pub name: &'static str,
    /// Decimals of an amount.
    pub minor_units: u8,
}

/// Currencies.
#[derive(Serialize, ToSchema)]
pub struct Currencies {
    /// By code.
    pub items: Vec<CurrencyAnswer>,
}

/// Lists the currencies with their minor units.
#[utoipa::path(
    operation_id = "list_currencies",
    tag = "reference",
    responses((status = 200, description = "Every currency", body = Currencies), Problems)
)]
#[get("/v1/currencies")]
pub async fn currencies() -> HttpResponse {
    let answer = |c: &'static currency::Currency| CurrencyAnswer {
        code: c.code,
        name: c.name,
        minor_units: c.minor_units,
    };
    all(currency::all().iter().map(answer).collect())
}

/// A unit of UN/ECE Recommendation 20.
#[derive(Serialize, ToSchema)]
pub struct UnitAnswer {
    /// Its code.
    #[schema(example = "C62")]
    pub code: &'static str,
    /// Its names.
    pub name: Names,
}

/// Units.
#[derive(Serialize, ToSchema)]
pub struct Units {
    /// By code.
    pub items: Vec<UnitAnswer>,
}

/// Lists the units that trade uses.
#[utoipa::path(
    operation_id = "list_units",
    tag = "reference",
    responses((status = 200, description = "Known units", body = Units), Problems)
)]
#[get("/v1/units")]
pub async fn units() -> HttpResponse {
    all(unit::all().iter().map(|u| UnitAnswer { code: u.code, name: u.names() }).collect())
}

/// A kind of defect.
#[derive(Serialize, ToSchema)]
pub struct DefectAnswer {
    /// Its code.
    #[schema(example = "label-missing")]
    pub code: &'static str,
    /// Its names.
    pub name: Names,
    /// The usual class; the inspector decides.
    pub class: DefectClass,
}

/// Defect codes.
#[derive(Serialize, ToSchema)]
pub struct Defects {
    /// In the order of the form.
    pub items: Vec<DefectAnswer>,
}

/// Lists the defect codes.
#[utoipa::path(
    operation_id = "list_defects",
    tag = "reference",
    responses((status = 200, description = "Known defects", body = Defects), Problems)
)]
#[get("/v1/defect-codes")]
pub async fn defects() -> HttpResponse {
    let answer =
        |d: &'static defect::Defect| DefectAnswer { code: d.code, name: d.names(), class: d.class };
    all(defect::all().iter().map(answer).collect())
}

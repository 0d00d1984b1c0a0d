//! The results file, from which an outsider recomputes the rates.

use crate::api::error::{ApiError, Problems};
use crate::api::params::Query;
use crate::api::{download, files, run};
use crate::app::App;
use crate::domain::key::Caller;
use crate::flow::rates::results::{self, Span};
use actix_web::{HttpResponse, get, web};
use std::io::{BufWriter, Seek};

/// Which results. Response classes stay whole: days are widened to months, and no goods are left out
/// but by office and region.
#[derive(Clone, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ResultsParams {
    /// First day, or the label of the period that begins with it; the file begins with its month.
    #[param(example = "2026-01")]
    from: String,
    /// Last day, or the label of the period that ends with it; the file ends with its month.
    #[param(example = "2026-10")]
    to: String,
    /// Offices.
    #[serde(default)]
    office: Vec<String>,
    /// Reporting regions.
    #[serde(default)]
    region: Vec<String>,
}

/// Gives what an outsider needs to recompute the rates: frames by month, office, region, chapter and
/// selection, and every drawn item with its chance and its result, without day, country, exporter and
/// declaration number. `breeze estimate` reads it without a database. A file of some offices or regions
/// states the responses of their classes, which pool over all. Two such requests are worked on at a time;
/// a third is told that the service is busy.
#[utoipa::path(
    operation_id = "get_results_file",
    tag = "trends",
    params(ResultsParams),
    responses(
        (status = 200, description = "The file, `breeze/results/v1`", body = String, content_type = "text/csv",
            example = "breeze/results/v1,day,office,region,chapter,selection,rows,u,pi,state,drawn,inspected,open\r\n\
                from,2026-01-01,,,,,,,,,,,\r\nto,2026-01-31,,,,,,,,,,,\r\nscope,,,,,,,,,whole,,,\r\n\
                class,2026-01-01,CNTAO,africa,,,,,,,2,2,false\r\n\
                frame,2026-01-01,CNTAO,africa,85,random,4,147573952589676412928,,,,,\r\n\
                item,2026-01-01,CNTAO,africa,85,random,,,2147483648,failed,,,\r\n\
                item,2026-01-01,CNTAO,africa,85,random,,,2147483648,passed,,,\r\n"),
        Problems
    )
)]
#[get("/v1/trends/results.csv")]
pub async fn results_file(
    app: web::Data<App>,
    caller: Caller,
    params: Query<ResultsParams>,
) -> Result<HttpResponse, ApiError> {
    let ResultsParams { from, to, office, region } = params.0;
    let span = Span::parse(&from, &to, &office, &region)?;
    let place = app.detail_reader()?;
    let file = run(&app, move |app| {
        // Held until the work is done, even where the caller hangs up.
        let _place = place;
        let mut file = tempfile::tempfile_in(&app.spool)?;
        results::write(&app.store, &caller, &span, BufWriter::new(&file))?;
        file.rewind()?;
        Ok(file)
    })
    .await?;
    Ok(download::answer(file, files::CSV, "results.csv"))
}

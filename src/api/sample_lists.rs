//! Sample lists: what an inspector works off.

use crate::api::body::Json;
use crate::api::error::{ApiError, Problems};
use crate::api::files::{self, Cell, Columns, Form};
use crate::api::page::{self, Ask, Page};
use crate::api::params::Query;
use crate::api::run;
use crate::app::App;
use crate::domain::day::{self, Day};
use crate::domain::draw::{Draw, DrawState, Selection, parse_position};
use crate::domain::inspection::{ItemState, NotInspectedReason};
use crate::domain::key::Caller;
use crate::domain::problem::{Code, Problem};
use crate::domain::reason::Reason;
use crate::domain::reference::{Names, commodity, region::Region};
use crate::flow::{
    self,
    list::{Line, Progress, SampleList},
};
use crate::store::assignments::Assignment;
use crate::store::draws::Filter;
use actix_web::{HttpRequest, HttpResponse, Responder, get, put, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A sample list without its items.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "CNTAO-20261124-1", "office": "CNTAO", "day": "2026-11-24", "round": 1,
    "retrospective": false, "state": "drawn",
    "progress": {"total": 31, "done": 12, "passed": 9, "failed": 2, "not_inspected": 1,
        "random": {"total": 30, "done": 11, "passed": 9, "failed": 1, "not_inspected": 1},
        "directive": {"total": 1, "done": 1, "passed": 0, "failed": 1, "not_inspected": 0}}}))]
pub struct ListHead {
    /// The draw.
    #[schema(example = "CNTAO-20261124-1")]
    pub id: String,
    /// The office.
    #[schema(example = "CNTAO")]
    pub office: String,
    /// The inspection day.
    pub day: NaiveDate,
    /// Round of the day.
    pub round: u32,
    /// Whether the frame holds historical declarations, or the commitment was not made before the
    /// frame closed.
    pub retrospective: bool,
    /// How far the draw has come.
    pub state: DrawState,
    /// How far the work has come.
    pub progress: Progress,
}

impl ListHead {
    fn new(draw: &Draw, progress: Progress) -> Self {
        Self {
            id: draw.id.clone(),
            office: draw.office.to_string(),
            day: draw.day,
            round: draw.round,
            retrospective: draw.retrospective,
            state: draw.state,
            progress,
        }
    }
}

/// A sample list.
#[derive(Serialize, ToSchema)]
pub struct ListAnswer {
    /// Which, and how far it has come.
    #[serde(flatten)]
    pub head: ListHead,
    /// Its items in working order: natural order of location, then position.
    pub items: Vec<ItemAnswer>,
}

impl ListAnswer {
    fn new(list: SampleList) -> Self {
        let progress = Progress::of(list.lines.iter().map(|line| &line.item));
        let head = ListHead::new(&list.draw, progress);
        Self { head, items: list.lines.into_iter().map(ItemAnswer::new).collect() }
    }
}

/// How many units of a shipment to open, and how many defects to accept.
#[derive(Serialize, ToSchema)]
pub struct PlanAnswer {
    /// The standard it is taken from.
    pub standard: String,
    /// Units to open.
    pub sample_size: u32,
    /// Defects that are accepted.
    pub acceptance_number: u32,
    /// Defects from which on it is rejected.
    pub rejection_number: u32,
}

/// One drawn declaration.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"item": "CNTAO-20261124-1/7", "position": 7, "declaration_number": "EXP-2026-0001",
    "exporter_id": "91370200MA3C", "exporter_name": "Haiyun Electric", "commodity_code": "850760",
    "commodity_name": {"en": "Electric accumulators; lithium-ion", "zh": null},
    "description": "Lithium-ion batteries", "destination_country": "KE", "region": "africa",
    "quantity": "1200", "unit": "C62", "packages": 40, "gross_weight_kg": "1020",
    "location": "Yard 3, row 12", "selection": "random", "inclusion_probability": 0.05, "pi": 214748364,
    "reasons": [{"code": "proportion", "points": null,
        "text": {"en": "5 % by rule africa-electrical", "zh": "按规则 africa-electrical 抽取 5 %"}}],
    "plan": null, "assignee": "insp-07", "state": "open", "not_inspected_reason": null,
    "inspected_by": null, "inspection": null}))]
pub struct ItemAnswer {
    /// Draw id `/` position: what an inspection names.
    #[schema(example = "CNTAO-20261124-1/7")]
    pub item: String,
    /// Draw order, from 1.
    pub position: u32,
    /// Customs number.
    pub declaration_number: String,
    /// Id of the exporter.
    pub exporter_id: String,
    /// Name of the exporter.
    pub exporter_name: Option<String>,
    /// HS code.
    pub commodity_code: String,
    /// Its names: English of the subheading, Chinese of the chapter.
    pub commodity_name: Option<Names>,
    /// As declared, in words.
    pub description: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub destination_country: String,
    /// Reporting region.
    pub region: Region,
    /// Decimal as text.
    pub quantity: String,
    /// UN/ECE Rec 20.
    pub unit: String,
    /// Number of packages.
    pub packages: Option<i64>,
    /// Decimal as text, kilograms.
    pub gross_weight_kg: Option<String>,
    /// Where it stands.
    pub location: Option<String>,
    /// By chance or by order.
    pub selection: Selection,
    /// Its chance to be drawn; this is `pi` / 2³².
    pub inclusion_probability: f64,
    /// Its chance to be drawn, exactly, in units of 2⁻³².
    pub pi: u64,
    /// Why it was drawn, in words.
    pub reasons: Vec<Reason>,
    /// Units to open; null where no sampling plan applies.
    pub plan: Option<PlanAnswer>,
    /// The inspector who is responsible.
    pub assignee: Option<String>,
    /// Where it stands.
    pub state: ItemState,
    /// Why it was not inspected.
    pub not_inspected_reason: Option<NotInspectedReason>,
    /// Who inspected it.
    pub inspected_by: Option<String>,
    /// Its inspection.
    pub inspection: Option<Uuid>,
}

impl ItemAnswer {
    /// A line as answered.
    pub fn new(line: Line) -> Self {
        let declaration = line.declaration.declaration;
        let body = declaration.body();
        Self {
            item: line.item.id(),
            position: line.item.position,
            inclusion_probability: line.item.inclusion_probability(),
            pi: line.item.candidate.pi,
            declaration_number: declaration.number.into(),
            exporter_id: declaration.exporter_id.into(),
            exporter_name: declaration.exporter_name,
            commodity_name: commodity::name(&declaration.commodity_code),
            commodity_code: declaration.commodity_code,
            description: declaration.description,
            destination_country: declaration.destination_country.alpha2.to_owned(),
            region: declaration.destination_country.region,
            quantity: body.quantity.unwrap_or_default(),
            unit: declaration.unit,
            packages: declaration.packages,
            gross_weight_kg: body.gross_weight_kg,
            location: declaration.location,
            selection: line.item.selection,
            reasons: line.reasons,
            plan: None,
            assignee: line.item.assignee,
            state: line.item.state,
            not_inspected_reason: line.item.not_inspected_reason,
            inspected_by: line.item.inspected_by,
            inspection: line.inspection,
        }
    }

    fn reasons(&self, words: fn(&Reason) -> &str) -> Cell {
        Cell::Text(self.reasons.iter().map(words).collect::<Vec<_>>().join("; "))
    }
}

const COLUMNS: Columns<ItemAnswer> = &[
    ("position", |i| i.position.into()),
    ("item", |i| i.item.as_str().into()),
    ("declaration_number", |i| i.declaration_number.as_str().into()),
    ("exporter_id", |i| i.exporter_id.as_str().into()),
    ("exporter_name", |i| i.exporter_name.clone().into()),
    ("commodity_code", |i| i.commodity_code.as_str().into()),
    ("commodity_name_en", |i| i.commodity_name.map(|name| name.en.to_owned()).into()),
    ("commodity_name_zh", |i| {
        i.commodity_name.and_then(|name| name.zh).map(ToOwned::to_owned).into()
    }),
    ("description", |i| i.description.clone().into()),
    ("destination_country", |i| i.destination_country.as_str().into()),
    ("region", |i| i.region.code().into()),
    ("quantity", |i| i.quantity.as_str().into()),
    ("unit", |i| i.unit.as_str().into()),
    ("packages", |i| i.packages.map(|packages| packages.to_string()).into()),
    ("gross_weight_kg", |i| i.gross_weight_kg.clone().into()),
    ("location", |i| i.location.clone().into()),
    ("selection", |i| match i.selection {
        Selection::Random => "random".into(),
        Selection::Directive => "directive".into(),
    }),
    ("inclusion_probability", |i| Cell::Number(i.inclusion_probability)),
    ("reasons_en", |i| i.reasons(|reason| &reason.text.en)),
    ("reasons_zh", |i| i.reasons(|reason| &reason.text.zh)),
    ("assignee", |i| i.assignee.clone().into()),
    ("state", |i| i.state.as_str().into()),
    ("not_inspected_reason", |i| {
        i.not_inspected_reason.map(|reason| reason.as_str().to_owned()).into()
    }),
    ("inspected_by", |i| i.inspected_by.clone().into()),
];

/// Which lists. A repeated parameter means "or".
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Office codes.
    #[serde(default)]
    office: Vec<String>,
    /// The inspection day; in place of `from` and `to`.
    #[serde(default, deserialize_with = "day::maybe")]
    day: Option<NaiveDate>,
    /// First inspection day.
    #[serde(default, deserialize_with = "day::maybe")]
    from: Option<NaiveDate>,
    /// Last inspection day.
    #[serde(default, deserialize_with = "day::maybe")]
    to: Option<NaiveDate>,
    /// Rows of the page, 1 to 500; 50 when left out.
    limit: Option<i64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

fn filter(caller: &Caller, params: &ListParams) -> Result<Filter, Problem> {
    caller.scope.narrow_to(&params.office)?;
    let days = match (params.day, params.from, params.to) {
        (Some(day), None, None) => (Some(day), Some(day)),
        (Some(_), _, _) => {
            let words = "`day` stands alone: leave out `from` and `to`";
            return Err(Problem::new(Code::InvalidParameter, words));
        }
        (None, from, to) => (from, to),
    };
    Ok(Filter { offices: params.office.clone(), days })
}

/// Lists the sample lists of the caller's offices, one for every draw, the latest day first.
#[utoipa::path(
    operation_id = "list_sample_lists",
    tag = "inspections",
    params(ListParams),
    responses((status = 200, description = "A page of lists with their progress", body = Page<ListHead>), Problems)
)]
#[get("/v1/sample-lists")]
pub async fn search(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    params: Query<ListParams>,
) -> Result<impl Responder, ApiError> {
    let filter = filter(&caller, &params.0)?;
    let ask: Ask<(Day, String)> = Ask::parse(params.0.limit, params.0.cursor.as_deref(), &filter)?;
    let (after, reach) = (ask.after.clone().map(|(day, id)| (day.0, id)), ask.reach());
    let rows = run(&app, move |app| {
        flow::list::lists(&app.store, &caller, &filter, after.as_ref(), reach)
    })
    .await?;
    let page = ask.page(
        rows,
        |(draw, _)| (Day(draw.day), draw.id.clone()),
        |(draw, progress)| ListHead::new(&draw, progress),
    );
    Ok(page::answer(&req, &page))
}

/// Reads a list and gives it in a form.
async fn answer(
    app: &web::Data<App>,
    caller: Caller,
    id: String,
    form: Form,
) -> Result<HttpResponse, ApiError> {
    let list = run(app, move |app| {
        let list = flow::list::list(&app.store, &caller, &id)?;
        let list = ListAnswer::new(list);
        // A workbook is squeezed: not on the threads that serve connections.
        let book = (form == Form::Xlsx).then(|| files::xlsx(COLUMNS, &list.items)).transpose()?;
        Ok((list, book))
    });
    let (list, book) = list.await?;
    let id = &list.head.id;
    Ok(match (form, book) {
        (_, Some(book)) => files::download(&format!("{id}.xlsx"), files::XLSX).body(book),
        (Form::Csv, None) => files::download(&format!("{id}.csv"), files::CSV)
            .streaming(files::csv_parts(COLUMNS, list.items)),
        (_, None) => HttpResponse::Ok().json(list),
    })
}

/// Gives one sample list, in working order.
#[utoipa::path(
    operation_id = "get_sample_list",
    tag = "inspections",
    params(("id" = String, Path, description = "The draw", example = "CNTAO-20261124-1")),
    responses(
        (status = 200, description = "The list; CSV or XLSX where `Accept` prefers it", content(
            (ListAnswer = "application/json"),
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        Problems
    )
)]
#[get("/v1/sample-lists/{id}")]
pub async fn get(
    req: HttpRequest,
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let form = Form::asked(&req, &[Form::Json, Form::Csv, Form::Xlsx])?;
    answer(&app, caller, id.into_inner(), form).await
}

/// Gives one sample list as CSV. Cells that a spreadsheet would take for a formula begin with an
/// apostrophe.
#[utoipa::path(
    operation_id = "download_sample_list_csv",
    tag = "inspections",
    params(("id" = String, Path, description = "The draw", example = "CNTAO-20261124-1")),
    responses((status = 200, description = "The list", content_type = "text/csv", body = String), Problems)
)]
#[get("/v1/sample-lists/{id}.csv")]
pub async fn download_csv(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    answer(&app, caller, id.into_inner(), Form::Csv).await
}

/// Gives one sample list as a workbook. Cells that a spreadsheet would take for a formula begin
/// with an apostrophe.
#[utoipa::path(
    operation_id = "download_sample_list_xlsx",
    tag = "inspections",
    params(("id" = String, Path, description = "The draw", example = "CNTAO-20261124-1")),
    responses(
        (status = 200, description = "The list", body = Vec<u8>,
            content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        Problems
    )
)]
#[get("/v1/sample-lists/{id}.xlsx")]
pub async fn download_xlsx(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    answer(&app, caller, id.into_inner(), Form::Xlsx).await
}

/// A change of who is responsible.
#[derive(Serialize, ToSchema)]
pub struct AssignmentAnswer {
    /// Who was.
    pub from: Option<String>,
    /// Who is.
    pub to: Option<String>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Its event in the office's hash chain.
    pub sequence: i64,
}

/// One item and how its assignee changed.
#[derive(Serialize, ToSchema)]
pub struct ItemWithHistory {
    /// The item.
    #[serde(flatten)]
    pub item: ItemAnswer,
    /// Changes of its assignee, the first one first.
    pub assignments: Vec<AssignmentAnswer>,
}

impl ItemWithHistory {
    fn new((line, assignments): (Line, Vec<Assignment>)) -> Self {
        let answer = |a: Assignment| AssignmentAnswer {
            from: a.from,
            to: a.to,
            reason: a.reason,
            at: a.at,
            sequence: a.chain_sequence,
        };
        let assignments = assignments.into_iter().map(answer).collect();
        Self { item: ItemAnswer::new(line), assignments }
    }
}

fn place(id: &str, position: &str) -> Result<u32, Problem> {
    parse_position(position)
        .ok_or_else(|| Problem::not_found("sample item", format_args!("{id}/{position}")))
}

/// Gives one item of a sample list.
#[utoipa::path(
    operation_id = "get_sample_item",
    tag = "inspections",
    params(
        ("id" = String, Path, description = "The draw", example = "CNTAO-20261124-1"),
        ("position" = u32, Path, description = "Draw order, from 1", example = 7)
    ),
    responses((status = 200, description = "The item", body = ItemWithHistory), Problems)
)]
#[get("/v1/sample-lists/{id}/items/{position}")]
pub async fn get_item(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<(String, String)>,
) -> Result<impl Responder, ApiError> {
    let (id, position) = path.into_inner();
    let position = place(&id, &position)?;
    let found = run(&app, move |app| flow::list::line(&app.store, &caller, &id, position)).await?;
    Ok(web::Json(ItemWithHistory::new(found)))
}

/// Who is to be responsible, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"assignee": "insp-07", "reason": "insp-03 is ill"}))]
pub struct AssignmentRequest {
    /// Inspector of the office's roster; null for nobody.
    #[serde(default)]
    pub assignee: Option<String>,
    /// Why, up to 500 characters.
    pub reason: String,
}

/// Makes another inspector responsible for an open item. Chance assigned the first one: every
/// change is logged with its reason.
#[utoipa::path(
    operation_id = "put_assignment",
    tag = "inspections",
    params(
        ("id" = String, Path, description = "The draw", example = "CNTAO-20261124-1"),
        ("position" = u32, Path, description = "Draw order, from 1", example = 7)
    ),
    request_body = AssignmentRequest,
    responses((status = 200, description = "The item with its assignee", body = ItemWithHistory), Problems)
)]
#[put("/v1/sample-lists/{id}/items/{position}/assignment")]
pub async fn put_assignment(
    app: web::Data<App>,
    caller: Caller,
    path: web::Path<(String, String)>,
    body: Json<AssignmentRequest>,
) -> Result<impl Responder, ApiError> {
    let (id, position) = path.into_inner();
    let position = place(&id, &position)?;
    let changed = run(&app, move |app| {
        let (item, assignee) = ((id.as_str(), position), body.0.assignee.as_deref());
        flow::assign::assign(&app.store, &caller, item, assignee, &body.0.reason, app.now())
    })
    .await?;
    Ok(web::Json(ItemWithHistory::new(changed)))
}

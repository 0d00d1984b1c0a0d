//! The document: collected from the routes, so that nothing can be served and not described.

use crate::api::routes;
use std::collections::BTreeMap;
use utoipa::OpenApi;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayItems, Object, Schema};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_actix_web::AppExt;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Breeze",
        description = "Export inspection sampling: declarations in, verifiable draws and honest failure rates out.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact()
    ),
    security(("key" = [])),
    tags(
        (name = "declarations", description = "What is declared"),
        (name = "imports", description = "Many declarations at once"),
        (name = "draws", description = "Frames, draws and their published files"),
        (name = "inspections", description = "Sample lists and what inspectors find"),
        (name = "trends", description = "Failure rates, weighted back to all declarations"),
        (name = "reports", description = "Months and years, frozen and published with a digest"),
        (name = "directives", description = "What must be inspected by order"),
        (name = "signals", description = "What deserves somebody's attention"),
        (name = "policies", description = "Inspection proportions, proposed by one and approved by another"),
        (name = "risk", description = "The risk score: fitted from results, approved by a second person, explained"),
        (name = "campaigns", description = "Raised inspection proportions for a scope and a time"),
        (name = "offices", description = "Offices and their rosters"),
        (name = "keys", description = "Who may do what"),
        (name = "reference", description = "Countries, regions, commodities, units, currencies, defects"),
        (name = "system", description = "The service itself")
    )
)]
struct Document;

/// The document before the routes are known.
pub fn base() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    let scheme = SecurityScheme::Http(
        Http::builder()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("brz_<id>_<secret>")
            .description(Some("An API key"))
            .build(),
    );
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("key", scheme);
    document
}

/// The whole document.
pub fn document() -> utoipa::openapi::OpenApi {
    let app = actix_web::App::new().into_utoipa_app().openapi(base()).configure(routes::routes);
    let mut document = app.split_for_parts().1;
    if let Some(components) = document.components.as_mut() {
        let known = components.schemas.clone();
        components.schemas.values_mut().for_each(|schema| spread(schema, &known));
    }
    document
}

/// A flattened field is described as `allOf` with a reference to its type. A type that refuses
/// unknown fields, as every request does, would refuse the fields beside it, and no answer could be
/// valid. So the fields of all parts are written side by side.
fn spread(schema: &mut RefOr<Schema>, known: &BTreeMap<String, RefOr<Schema>>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::AllOf(all) => {
            let mut whole = Object::builder().description(all.description.take()).build();
            for part in all.items.drain(..) {
                let Some(part) = object(part, known) else { continue };
                whole.schema_type = part.schema_type;
                whole.properties.extend(part.properties);
                whole.required.extend(part.required);
            }
            *schema = Schema::Object(whole);
        }
        Schema::Object(object) => object.properties.values_mut().for_each(|s| spread(s, known)),
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                spread(items, known);
            }
        }
        _ => {}
    }
}

/// The object that a part is, or refers to.
fn object(part: RefOr<Schema>, known: &BTreeMap<String, RefOr<Schema>>) -> Option<Object> {
    match part {
        RefOr::T(Schema::Object(object)) => Some(object),
        RefOr::T(_) => None,
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next()?;
            object(known.get(name)?.clone(), known)
        }
    }
}

/// The whole document as pretty JSON with a final line feed: what `openapi/breeze.json` holds.
pub fn json() -> String {
    let mut text = document().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

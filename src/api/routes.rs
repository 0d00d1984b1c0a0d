//! The one list of routes: the router and the document are made from it.

use crate::api::{
    amendments, campaign_effect, campaigns, declarations, directives, draw_previews, draws,
    effective, entropy, events, import_rows, imports, inspection_batches, inspections, keys,
    offices, policies, policy_estimates, problems, reference, result_imports, risk_assessments,
    risk_models, sample_lists, signals, system, trends,
};
use crate::app::App;
use actix_web::web;
use utoipa_actix_web::service_config::ServiceConfig;

/// Every operation.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(system::health)
        .service(system::ready)
        .service(system::document)
        .service(system::root)
        .service(system::me)
        .service(problems::get)
        .service(keys::list)
        .service(keys::create)
        .service(keys::get)
        .service(keys::revoke)
        .service(offices::list)
        .service(offices::get)
        .service(offices::put)
        .service(offices::roster)
        .service(offices::put_inspector)
        .service(reference::countries)
        .service(reference::regions)
        .service(reference::get_region)
        .service(reference::commodities)
        .service(reference::currencies)
        .service(reference::units)
        .service(reference::defects)
        .service(policies::list)
        .service(policies::get)
        .service(policies::create)
        .service(policies::approve)
        .service(campaigns::list)
        .service(campaigns::get)
        .service(campaigns::create)
        .service(campaigns::revise)
        .service(campaigns::approve)
        .service(campaigns::close)
        .service(campaign_effect::get)
        .service(effective::get)
        .service(policy_estimates::create)
        .service(declarations::search)
        .service(declarations::get)
        .service(declarations::put)
        .service(declarations::revisions)
        .service(declarations::status)
        .service(declarations::cancel)
        .service(risk_assessments::get)
        .service(risk_assessments::create)
        .service(risk_models::list)
        .service(risk_models::create)
        .service(risk_models::get)
        .service(risk_models::activate)
        .service(risk_models::withdraw)
        .service(draw_previews::create)
        .service(directives::list)
        .service(directives::create)
        .service(directives::get)
        .service(directives::close)
        .service(draws::create)
        .service(draws::list)
        .service(draws::get)
        .service(draws::frame)
        .service(draws::bundle)
        .service(draws::verify)
        .service(draws::commitments)
        .service(entropy::commit)
        .service(entropy::get)
        .service(entropy::release)
        .service(entropy::open)
        .service(events::list)
        .service(events::heads)
        .service(trends::control_chart)
        .service(trends::control_chart_file)
        .service(trends::failure_rates)
        .service(trends::failure_rates_file)
        .service(signals::evaluate)
        .service(trends::why::decomposition)
        .service(trends::inspectors::inspectors_judged)
        .service(trends::inspectors::inspectors_file)
        .service(trends::results_file)
        .service(signals::list)
        .service(signals::get)
        .service(signals::acknowledge)
        .service(sample_lists::search)
        .service(sample_lists::download_csv)
        .service(sample_lists::download_xlsx)
        .service(sample_lists::get)
        .service(sample_lists::get_item)
        .service(sample_lists::put_assignment)
        .service(inspections::search)
        .service(inspections::download)
        .service(inspections::put)
        .service(inspections::get)
        .service(amendments::create)
        .service(amendments::list)
        .service(inspection_batches::create)
        .service(result_imports::create)
        .service(result_imports::get)
        .service(imports::list)
        .service(imports::create)
        .service(import_rows::file)
        .service(import_rows::list)
        .service(imports::get);
}

/// The service's routes, its documentation and what answers everything else.
pub fn configure(app: App) -> impl FnOnce(&mut web::ServiceConfig) + Clone {
    move |config| {
        config.app_data(web::Data::new(app));
        config.app_data(web::PayloadConfig::new(1 << 20));
        let mut own = ServiceConfig::new(config);
        routes(&mut own);
        config.service(web::redirect("/", "/docs/"));
        config.service(web::redirect("/docs", "/docs/"));
        config.service(system::documentation());
    }
}

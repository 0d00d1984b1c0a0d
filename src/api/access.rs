//! The access table: every operation and the roles that may use it. What stands in no row is closed.

use crate::domain::key::Role::{self, Admin, Auditor, Customs, Inspector, Manager, Policy};

/// Who may use an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, without a key.
    Open,
    /// Everybody; whoever sends a key is known by it.
    Known,
    /// Keys of these roles.
    Roles(&'static [Role]),
}

const ANY: Access = Access::Roles(&Role::ALL);
const STAFF: Access = ANY;
const DECLARE: Access = Access::Roles(&[Customs]);
const DRAW: Access = Access::Roles(&[Manager, Admin]);
const READ: Access = Access::Roles(&[Manager, Policy, Auditor, Admin]);
/// What only the second party gives: commitment and secret.
const SECOND_PARTY: Access = Access::Roles(&[Auditor]);
/// The flow wants an auditor where the frame names one; anybody may look up the round of a beacon.
const RELEASE: Access = Access::Roles(&[Manager, Auditor, Admin]);
const AUDIT: Access = Access::Roles(&[Auditor, Admin]);
/// History is brought in by administrators; the flow tells the two apart.
const IMPORT: Access = Access::Roles(&[Customs, Admin]);
const IMPORTS: Access = Access::Roles(&[Customs, Auditor, Admin]);
const ADMIN: Access = Access::Roles(&[Admin]);
const TRENDS: Access = Access::Roles(&[Manager, Auditor, Policy, Admin]);
const INSPECT: Access = Access::Roles(&[Inspector]);
const ASSIGN: Access = Access::Roles(&[Inspector, Manager]);
const FOLLOW: Access = Access::Roles(&[Inspector, Manager, Auditor, Admin]);
const ORDER: Access = Access::Roles(&[Manager, Policy, Admin]);
/// Everybody but the declarants: an exporter's system must not learn what is ordered about it.
const ORDERS: Access = Access::Roles(&[Inspector, Manager, Policy, Auditor, Admin]);
const SIGNALS: Access = Access::Roles(&[Manager, Auditor, Admin]);
const ACKNOWLEDGE: Access = Access::Roles(&[Manager]);
/// Who proposes what holds for all offices; the flow wants a key of all offices.
const PROPOSE: Access = Access::Roles(&[Policy, Admin]);
/// Who approves what somebody else proposed.
const APPROVE: Access = Access::Roles(&[Manager, Policy]);
const CLOSE: Access = Access::Roles(&[Manager, Policy, Admin]);
/// What aims the draw is planned by these; an exporter's system must not learn how.
const PLAN: Access = Access::Roles(&[Policy, Manager, Admin]);
const RISK: Access = Access::Roles(&[Inspector, Manager, Policy, Auditor, Admin]);

/// One operation: method, path as in the OpenAPI document, access.
pub type Row = (&'static str, &'static str, Access);

/// The whole table, sorted by path as the document is.
pub const TABLE: &[Row] = &[
    ("GET", "/healthz", Access::Open),
    ("GET", "/openapi.json", Access::Open),
    ("GET", "/problems/{code}", Access::Open),
    ("GET", "/readyz", Access::Open),
    ("GET", "/v1", Access::Open),
    ("GET", "/v1/api-keys", ADMIN),
    ("POST", "/v1/api-keys", ADMIN),
    ("DELETE", "/v1/api-keys/{id}", ADMIN),
    ("GET", "/v1/api-keys/{id}", ADMIN),
    ("PUT", "/v1/auditor-commitments/{office}/{day}/{round}", SECOND_PARTY),
    ("GET", "/v1/campaigns", ANY),
    ("POST", "/v1/campaigns", PROPOSE),
    ("GET", "/v1/campaigns/{id}", ANY),
    ("PATCH", "/v1/campaigns/{id}", PROPOSE),
    ("PUT", "/v1/campaigns/{id}/approval", APPROVE),
    ("PUT", "/v1/campaigns/{id}/closure", CLOSE),
    ("GET", "/v1/campaigns/{id}/effect", TRENDS),
    ("GET", "/v1/chain-heads", AUDIT),
    ("GET", "/v1/commodities", ANY),
    ("GET", "/v1/countries", ANY),
    ("GET", "/v1/currencies", ANY),
    ("GET", "/v1/declaration-imports", IMPORTS),
    ("POST", "/v1/declaration-imports", IMPORT),
    ("GET", "/v1/declaration-imports/{id}", IMPORTS),
    ("GET", "/v1/declaration-imports/{id}/rows", IMPORTS),
    ("GET", "/v1/declaration-imports/{id}/rows.csv", IMPORTS),
    ("GET", "/v1/declarations", STAFF),
    ("GET", "/v1/declarations/{declaration_number}", STAFF),
    ("PUT", "/v1/declarations/{declaration_number}", DECLARE),
    ("PUT", "/v1/declarations/{declaration_number}/cancellation", DECLARE),
    ("GET", "/v1/declarations/{declaration_number}/revisions", STAFF),
    ("GET", "/v1/declarations/{declaration_number}/risk-profile", RISK),
    ("GET", "/v1/declarations/{declaration_number}/status", STAFF),
    ("GET", "/v1/defect-codes", ANY),
    ("GET", "/v1/directives", ORDERS),
    ("POST", "/v1/directives", ORDER),
    ("GET", "/v1/directives/{id}", ORDERS),
    ("PUT", "/v1/directives/{id}/closure", ORDER),
    ("GET", "/v1/draw-commitments", Access::Open),
    ("POST", "/v1/draw-previews", PLAN),
    ("GET", "/v1/draws", READ),
    ("POST", "/v1/draws", DRAW),
    ("GET", "/v1/draws/{id}", READ),
    ("GET", "/v1/draws/{id}/audit-bundle", Access::Known),
    ("PUT", "/v1/draws/{id}/auditor-secret", SECOND_PARTY),
    ("GET", "/v1/draws/{id}/entropy", READ),
    ("PUT", "/v1/draws/{id}/entropy", RELEASE),
    ("GET", "/v1/draws/{id}/frame", AUDIT),
    ("POST", "/v1/draws/{id}/verifications", READ),
    ("GET", "/v1/effective-proportions", STAFF),
    ("GET", "/v1/events", Access::Roles(&[Customs, Manager, Auditor, Admin])),
    ("POST", "/v1/inspection-batches", INSPECT),
    ("GET", "/v1/inspections", FOLLOW),
    ("GET", "/v1/inspections.csv", FOLLOW),
    ("GET", "/v1/inspections/{id}", FOLLOW),
    ("PUT", "/v1/inspections/{id}", INSPECT),
    ("GET", "/v1/inspections/{id}/amendments", FOLLOW),
    ("POST", "/v1/inspections/{id}/amendments", INSPECT),
    ("GET", "/v1/me", ANY),
    ("GET", "/v1/offices", ANY),
    ("GET", "/v1/offices/{code}", ANY),
    ("PUT", "/v1/offices/{code}", ADMIN),
    ("GET", "/v1/offices/{code}/inspectors", FOLLOW),
    ("PUT", "/v1/offices/{code}/inspectors/{id}", ADMIN),
    ("GET", "/v1/policies", ANY),
    ("POST", "/v1/policies", PROPOSE),
    ("GET", "/v1/policies/{id}", ANY),
    ("PUT", "/v1/policies/{id}/approval", APPROVE),
    ("POST", "/v1/policy-estimates", PLAN),
    ("GET", "/v1/regions", ANY),
    ("GET", "/v1/regions/{code}", ANY),
    ("POST", "/v1/result-imports", ADMIN),
    ("GET", "/v1/result-imports/{id}", AUDIT),
    ("POST", "/v1/risk-assessments", PLAN),
    ("GET", "/v1/risk-models", READ),
    ("POST", "/v1/risk-models", PLAN),
    ("GET", "/v1/risk-models/{version}", READ),
    ("PUT", "/v1/risk-models/{version}/activation", APPROVE),
    ("PUT", "/v1/risk-models/{version}/withdrawal", CLOSE),
    ("GET", "/v1/sample-lists", FOLLOW),
    ("GET", "/v1/sample-lists/{id}", FOLLOW),
    ("GET", "/v1/sample-lists/{id}.csv", FOLLOW),
    ("GET", "/v1/sample-lists/{id}.xlsx", FOLLOW),
    ("GET", "/v1/sample-lists/{id}/items/{position}", FOLLOW),
    ("PUT", "/v1/sample-lists/{id}/items/{position}/assignment", ASSIGN),
    ("POST", "/v1/signal-evaluations", ACKNOWLEDGE),
    ("GET", "/v1/signals", SIGNALS),
    ("GET", "/v1/signals/{id}", SIGNALS),
    ("PUT", "/v1/signals/{id}/acknowledgement", ACKNOWLEDGE),
    ("GET", "/v1/trends/control-chart", TRENDS),
    ("GET", "/v1/trends/control-chart.csv", TRENDS),
    ("GET", "/v1/trends/decomposition", TRENDS),
    ("GET", "/v1/trends/failure-rates", TRENDS),
    ("GET", "/v1/trends/failure-rates.csv", TRENDS),
    ("GET", "/v1/trends/inspectors", TRENDS),
    ("GET", "/v1/trends/inspectors.csv", TRENDS),
    ("GET", "/v1/trends/results.csv", TRENDS),
    ("GET", "/v1/units", ANY),
];

/// The row of an operation.
pub fn find(method: &str, path: &str) -> Option<Access> {
    TABLE.iter().find(|(m, p, _)| *m == method && *p == path).map(|(_, _, access)| *access)
}

/// The methods of a path, for the Allow header; empty for a path that is no operation.
pub fn methods(path: &str) -> Vec<&'static str> {
    TABLE.iter().filter(|(_, p, _)| *p == path).map(|(method, _, _)| *method).collect()
}

-- Plan rules: which sampling plan a shipment gets, and which continuous plans run; versions that never
-- change, and who approved them.
CREATE TABLE plan_rules (
    id TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    from_day DATE NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    historical BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TABLE plan_rule_approvals (
    rules_id TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    approved_by TEXT COLLATE "C" NOT NULL,
    approved_at TIMESTAMP NOT NULL,
    note TEXT COLLATE "C",
    PRIMARY KEY (rules_id, version),
    FOREIGN KEY (rules_id, version) REFERENCES plan_rules (id, version)
);
-- The plan rules in force when a frame was frozen: `id@version/sha256`.
ALTER TABLE draws ADD COLUMN plan_rules TEXT COLLATE "C";
-- The plan frozen with an item, and what the result in force says of it; JSON, none without a rule.
ALTER TABLE sample_items ADD COLUMN plan TEXT COLLATE "C";
ALTER TABLE sample_items ADD COLUMN lot_verdict TEXT COLLATE "C";
-- A part of a shipment opened before the result: the parts add up.
CREATE TABLE inspection_stages (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    draw_id TEXT COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    number INTEGER NOT NULL,
    office TEXT COLLATE "C" NOT NULL,
    inspector TEXT COLLATE "C",
    inspected_at TIMESTAMP NOT NULL,
    units_inspected BIGINT NOT NULL,
    units_nonconforming BIGINT,
    defects TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C",
    recorded_at TIMESTAMP NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL,
    chain_sequence BIGINT NOT NULL,
    UNIQUE (draw_id, position, number),
    FOREIGN KEY (draw_id, position) REFERENCES sample_items (draw_id, position)
);
-- What was found when a failed shipment was put forward again: it counts for no rate and no switch.
CREATE TABLE repeat_inspections (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    original TEXT COLLATE "C" NOT NULL REFERENCES inspections (id),
    number INTEGER NOT NULL,
    office TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    not_inspected_reason TEXT COLLATE "C",
    inspector TEXT COLLATE "C",
    inspected_at TIMESTAMP NOT NULL,
    units_inspected BIGINT,
    units_nonconforming BIGINT,
    defects TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C",
    recorded_at TIMESTAMP NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL,
    chain_sequence BIGINT NOT NULL,
    UNIQUE (original, number)
);
-- Every move of an exporter's record under a rule: between normal, tightened, reduced and discontinued
-- (`switching`, by class of defect), or between full inspection and sampling (`continuous`, no class).
CREATE TABLE plan_moves (
    kind TEXT COLLATE "C" NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    exporter_id TEXT COLLATE "C" NOT NULL,
    heading TEXT COLLATE "C" NOT NULL,
    class TEXT COLLATE "C" NOT NULL,
    number INTEGER NOT NULL,
    from_state TEXT COLLATE "C" NOT NULL,
    to_state TEXT COLLATE "C" NOT NULL,
    clause TEXT COLLATE "C" NOT NULL,
    evidence TEXT COLLATE "C" NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    moved_at TIMESTAMP NOT NULL,
    moved_by TEXT COLLATE "C" NOT NULL,
    chain_sequence BIGINT NOT NULL,
    PRIMARY KEY (kind, rule, exporter_id, heading, class, number)
);
CREATE INDEX plan_moves_by_exporter ON plan_moves (exporter_id, heading);
-- What the responsible authority decides about a record; it holds once a second person agrees.
CREATE TABLE switching_decisions (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    exporter_id TEXT COLLATE "C" NOT NULL,
    heading TEXT COLLATE "C" NOT NULL,
    class TEXT COLLATE "C" NOT NULL,
    decision TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    proposed_at TIMESTAMP NOT NULL,
    proposed_by TEXT COLLATE "C" NOT NULL,
    chain_sequence BIGINT NOT NULL
);
CREATE INDEX switching_decisions_by_exporter ON switching_decisions (exporter_id, heading);
CREATE TABLE switching_approvals (
    decision_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES switching_decisions (id),
    from_day DATE NOT NULL,
    approved_at TIMESTAMP NOT NULL,
    approved_by TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C",
    chain_sequence BIGINT NOT NULL
);
CREATE TRIGGER plan_rules_append_only BEFORE UPDATE OR DELETE ON plan_rules FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plan_rules_no_truncate BEFORE TRUNCATE ON plan_rules FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plan_rule_approvals_append_only BEFORE UPDATE OR DELETE ON plan_rule_approvals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plan_rule_approvals_no_truncate BEFORE TRUNCATE ON plan_rule_approvals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_stages_append_only BEFORE UPDATE OR DELETE ON inspection_stages FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_stages_no_truncate BEFORE TRUNCATE ON inspection_stages FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER repeat_inspections_append_only BEFORE UPDATE OR DELETE ON repeat_inspections FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER repeat_inspections_no_truncate BEFORE TRUNCATE ON repeat_inspections FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plan_moves_append_only BEFORE UPDATE OR DELETE ON plan_moves FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plan_moves_no_truncate BEFORE TRUNCATE ON plan_moves FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER switching_decisions_append_only BEFORE UPDATE OR DELETE ON switching_decisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER switching_decisions_no_truncate BEFORE TRUNCATE ON switching_decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER switching_approvals_append_only BEFORE UPDATE OR DELETE ON switching_approvals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER switching_approvals_no_truncate BEFORE TRUNCATE ON switching_approvals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

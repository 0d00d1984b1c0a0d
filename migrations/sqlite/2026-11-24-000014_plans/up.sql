-- Plan rules: which sampling plan a shipment gets, and which continuous plans run; versions that never
-- change, and who approved them.
CREATE TABLE plan_rules (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    from_day DATE NOT NULL,
    body TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    historical BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TABLE plan_rule_approvals (
    rules_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    approved_by TEXT NOT NULL,
    approved_at TIMESTAMP NOT NULL,
    note TEXT,
    PRIMARY KEY (rules_id, version),
    FOREIGN KEY (rules_id, version) REFERENCES plan_rules (id, version)
);
-- The plan rules in force when a frame was frozen: `id@version/sha256`.
ALTER TABLE draws ADD COLUMN plan_rules TEXT;
-- The plan frozen with an item, and what the result in force says of it; JSON, none without a rule.
ALTER TABLE sample_items ADD COLUMN plan TEXT;
ALTER TABLE sample_items ADD COLUMN lot_verdict TEXT;
-- A part of a shipment opened before the result: the parts add up.
CREATE TABLE inspection_stages (
    id TEXT PRIMARY KEY NOT NULL,
    draw_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    number INTEGER NOT NULL,
    office TEXT NOT NULL,
    inspector TEXT,
    inspected_at TIMESTAMP NOT NULL,
    units_inspected BIGINT NOT NULL,
    units_nonconforming BIGINT,
    defects TEXT NOT NULL,
    note TEXT,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by TEXT NOT NULL,
    chain_sequence BIGINT NOT NULL,
    UNIQUE (draw_id, position, number),
    FOREIGN KEY (draw_id, position) REFERENCES sample_items (draw_id, position)
);
-- What was found when a failed shipment was put forward again: it counts for no rate and no switch.
CREATE TABLE repeat_inspections (
    id TEXT PRIMARY KEY NOT NULL,
    original TEXT NOT NULL REFERENCES inspections (id),
    number INTEGER NOT NULL,
    office TEXT NOT NULL,
    outcome TEXT NOT NULL,
    not_inspected_reason TEXT,
    inspector TEXT,
    inspected_at TIMESTAMP NOT NULL,
    units_inspected BIGINT,
    units_nonconforming BIGINT,
    defects TEXT NOT NULL,
    note TEXT,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by TEXT NOT NULL,
    chain_sequence BIGINT NOT NULL,
    UNIQUE (original, number)
);
-- Every move of an exporter's record under a rule: between normal, tightened, reduced and discontinued
-- (`switching`, by class of defect), or between full inspection and sampling (`continuous`, no class).
CREATE TABLE plan_moves (
    kind TEXT NOT NULL,
    rule TEXT NOT NULL,
    exporter_id TEXT NOT NULL,
    heading TEXT NOT NULL,
    class TEXT NOT NULL,
    number INTEGER NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    clause TEXT NOT NULL,
    evidence TEXT NOT NULL,
    cause TEXT NOT NULL,
    moved_at TIMESTAMP NOT NULL,
    moved_by TEXT NOT NULL,
    chain_sequence BIGINT NOT NULL,
    PRIMARY KEY (kind, rule, exporter_id, heading, class, number)
);
CREATE INDEX plan_moves_by_exporter ON plan_moves (exporter_id, heading);
-- What the responsible authority decides about a record; it holds once a second person agrees.
CREATE TABLE switching_decisions (
    id TEXT PRIMARY KEY NOT NULL,
    rule TEXT NOT NULL,
    exporter_id TEXT NOT NULL,
    heading TEXT NOT NULL,
    class TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL,
    proposed_at TIMESTAMP NOT NULL,
    proposed_by TEXT NOT NULL,
    chain_sequence BIGINT NOT NULL
);
CREATE INDEX switching_decisions_by_exporter ON switching_decisions (exporter_id, heading);
CREATE TABLE switching_approvals (
    decision_id TEXT PRIMARY KEY NOT NULL REFERENCES switching_decisions (id),
    from_day DATE NOT NULL,
    approved_at TIMESTAMP NOT NULL,
    approved_by TEXT NOT NULL,
    note TEXT,
    chain_sequence BIGINT NOT NULL
);
CREATE TRIGGER plan_rules_no_update BEFORE UPDATE ON plan_rules BEGIN SELECT RAISE(ABORT, 'plan_rules is append-only'); END;
CREATE TRIGGER plan_rules_no_delete BEFORE DELETE ON plan_rules BEGIN SELECT RAISE(ABORT, 'plan_rules is append-only'); END;
CREATE TRIGGER plan_rule_approvals_no_update BEFORE UPDATE ON plan_rule_approvals BEGIN SELECT RAISE(ABORT, 'plan_rule_approvals is append-only'); END;
CREATE TRIGGER plan_rule_approvals_no_delete BEFORE DELETE ON plan_rule_approvals BEGIN SELECT RAISE(ABORT, 'plan_rule_approvals is append-only'); END;
CREATE TRIGGER inspection_stages_no_update BEFORE UPDATE ON inspection_stages BEGIN SELECT RAISE(ABORT, 'inspection_stages is append-only'); END;
CREATE TRIGGER inspection_stages_no_delete BEFORE DELETE ON inspection_stages BEGIN SELECT RAISE(ABORT, 'inspection_stages is append-only'); END;
CREATE TRIGGER repeat_inspections_no_update BEFORE UPDATE ON repeat_inspections BEGIN SELECT RAISE(ABORT, 'repeat_inspections is append-only'); END;
CREATE TRIGGER repeat_inspections_no_delete BEFORE DELETE ON repeat_inspections BEGIN SELECT RAISE(ABORT, 'repeat_inspections is append-only'); END;
CREATE TRIGGER plan_moves_no_update BEFORE UPDATE ON plan_moves BEGIN SELECT RAISE(ABORT, 'plan_moves is append-only'); END;
CREATE TRIGGER plan_moves_no_delete BEFORE DELETE ON plan_moves BEGIN SELECT RAISE(ABORT, 'plan_moves is append-only'); END;
CREATE TRIGGER switching_decisions_no_update BEFORE UPDATE ON switching_decisions BEGIN SELECT RAISE(ABORT, 'switching_decisions is append-only'); END;
CREATE TRIGGER switching_decisions_no_delete BEFORE DELETE ON switching_decisions BEGIN SELECT RAISE(ABORT, 'switching_decisions is append-only'); END;
CREATE TRIGGER switching_approvals_no_update BEFORE UPDATE ON switching_approvals BEGIN SELECT RAISE(ABORT, 'switching_approvals is append-only'); END;
CREATE TRIGGER switching_approvals_no_delete BEFORE DELETE ON switching_approvals BEGIN SELECT RAISE(ABORT, 'switching_approvals is append-only'); END;

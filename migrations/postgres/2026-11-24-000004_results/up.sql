-- What was found: inspections as first recorded, and their amendments; the result in force stands on the sample item.
CREATE TABLE inspections (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    draw_id TEXT COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    office TEXT COLLATE "C" NOT NULL,
    declaration_number TEXT COLLATE "C" NOT NULL,
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
    UNIQUE (draw_id, position),
    FOREIGN KEY (draw_id, position) REFERENCES sample_items (draw_id, position)
);
CREATE INDEX inspections_by_office ON inspections (office, recorded_at);
CREATE TABLE amendments (
    inspection_id TEXT COLLATE "C" NOT NULL REFERENCES inspections (id),
    number INTEGER NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
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
    PRIMARY KEY (inspection_id, number)
);
-- Who was made responsible for an item, by whom and why; the one responsible now stands on the sample item.
CREATE TABLE assignments (
    draw_id TEXT COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    number INTEGER NOT NULL,
    assignee_before TEXT COLLATE "C",
    assignee TEXT COLLATE "C",
    reason TEXT COLLATE "C" NOT NULL,
    assigned_at TIMESTAMP NOT NULL,
    assigned_by TEXT COLLATE "C" NOT NULL,
    chain_sequence BIGINT NOT NULL,
    PRIMARY KEY (draw_id, position, number),
    FOREIGN KEY (draw_id, position) REFERENCES sample_items (draw_id, position)
);
-- Append-only: what happened is never edited.
CREATE TRIGGER inspections_append_only BEFORE UPDATE OR DELETE ON inspections FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER amendments_append_only BEFORE UPDATE OR DELETE ON amendments FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER assignments_append_only BEFORE UPDATE OR DELETE ON assignments FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspections_no_truncate BEFORE TRUNCATE ON inspections FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER amendments_no_truncate BEFORE TRUNCATE ON amendments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER assignments_no_truncate BEFORE TRUNCATE ON assignments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

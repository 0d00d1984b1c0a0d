-- What was found: inspections as first recorded, and their amendments; the result in force stands on the sample item.
CREATE TABLE inspections (
    id TEXT PRIMARY KEY NOT NULL,
    draw_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    office TEXT NOT NULL,
    declaration_number TEXT NOT NULL,
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
    UNIQUE (draw_id, position),
    FOREIGN KEY (draw_id, position) REFERENCES sample_items (draw_id, position)
);
CREATE INDEX inspections_by_office ON inspections (office, recorded_at);
CREATE TABLE amendments (
    inspection_id TEXT NOT NULL REFERENCES inspections (id),
    number INTEGER NOT NULL,
    reason TEXT NOT NULL,
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
    PRIMARY KEY (inspection_id, number)
);
-- Who was made responsible for an item, by whom and why; the one responsible now stands on the sample item.
CREATE TABLE assignments (
    draw_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    number INTEGER NOT NULL,
    assignee_before TEXT,
    assignee TEXT,
    reason TEXT NOT NULL,
    assigned_at TIMESTAMP NOT NULL,
    assigned_by TEXT NOT NULL,
    chain_sequence BIGINT NOT NULL,
    PRIMARY KEY (draw_id, position, number),
    FOREIGN KEY (draw_id, position) REFERENCES sample_items (draw_id, position)
);
-- Append-only: what happened is never edited.
CREATE TRIGGER inspections_no_update BEFORE UPDATE ON inspections BEGIN SELECT RAISE(ABORT, 'inspections is append-only'); END;
CREATE TRIGGER inspections_no_delete BEFORE DELETE ON inspections BEGIN SELECT RAISE(ABORT, 'inspections is append-only'); END;
CREATE TRIGGER amendments_no_update BEFORE UPDATE ON amendments BEGIN SELECT RAISE(ABORT, 'amendments is append-only'); END;
CREATE TRIGGER amendments_no_delete BEFORE DELETE ON amendments BEGIN SELECT RAISE(ABORT, 'amendments is append-only'); END;
CREATE TRIGGER assignments_no_update BEFORE UPDATE ON assignments BEGIN SELECT RAISE(ABORT, 'assignments is append-only'); END;
CREATE TRIGGER assignments_no_delete BEFORE DELETE ON assignments BEGIN SELECT RAISE(ABORT, 'assignments is append-only'); END;

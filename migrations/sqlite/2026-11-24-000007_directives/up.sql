-- What must be inspected by order, and what deserves somebody's attention.
-- A directive without an office holds at all of them; its event stands in the chain that it names.
CREATE TABLE directives (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    office TEXT REFERENCES offices (code),
    declaration_number TEXT,
    exporter_id TEXT,
    commodity TEXT,
    destination_country TEXT,
    reason TEXT NOT NULL,
    from_day DATE NOT NULL,
    until_day DATE NOT NULL,
    most BIGINT,
    cancelled_declaration TEXT UNIQUE,
    ordered_at TIMESTAMP NOT NULL,
    ordered_by TEXT NOT NULL,
    chain TEXT NOT NULL,
    chain_sequence BIGINT NOT NULL
);
CREATE INDEX directives_by_until ON directives (until_day);
CREATE TABLE directive_closures (
    directive TEXT PRIMARY KEY NOT NULL REFERENCES directives (id),
    reason TEXT NOT NULL,
    closed_at TIMESTAMP NOT NULL,
    closed_by TEXT NOT NULL,
    chain_sequence BIGINT NOT NULL
);
-- The directive that took the item; items drawn by chance have none.
ALTER TABLE sample_items ADD COLUMN directive TEXT;
CREATE INDEX sample_items_by_directive ON sample_items (directive) WHERE directive IS NOT NULL;
CREATE TABLE signals (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    office TEXT NOT NULL REFERENCES offices (code),
    day DATE NOT NULL,
    evidence TEXT NOT NULL,
    raised_at TIMESTAMP NOT NULL,
    chain_sequence BIGINT NOT NULL
);
CREATE INDEX signals_by_day ON signals (day, office);
CREATE TABLE signal_acknowledgements (
    signal TEXT PRIMARY KEY NOT NULL REFERENCES signals (id),
    note TEXT NOT NULL,
    acknowledged_at TIMESTAMP NOT NULL,
    acknowledged_by TEXT NOT NULL,
    chain_sequence BIGINT NOT NULL
);
-- Append-only: what happened is never edited.
CREATE TRIGGER directives_no_update BEFORE UPDATE ON directives BEGIN SELECT RAISE(ABORT, 'directives is append-only'); END;
CREATE TRIGGER directives_no_delete BEFORE DELETE ON directives BEGIN SELECT RAISE(ABORT, 'directives is append-only'); END;
CREATE TRIGGER directive_closures_no_update BEFORE UPDATE ON directive_closures BEGIN SELECT RAISE(ABORT, 'directive_closures is append-only'); END;
CREATE TRIGGER directive_closures_no_delete BEFORE DELETE ON directive_closures BEGIN SELECT RAISE(ABORT, 'directive_closures is append-only'); END;
CREATE TRIGGER signals_no_update BEFORE UPDATE ON signals BEGIN SELECT RAISE(ABORT, 'signals is append-only'); END;
CREATE TRIGGER signals_no_delete BEFORE DELETE ON signals BEGIN SELECT RAISE(ABORT, 'signals is append-only'); END;
CREATE TRIGGER signal_acknowledgements_no_update BEFORE UPDATE ON signal_acknowledgements BEGIN SELECT RAISE(ABORT, 'signal_acknowledgements is append-only'); END;
CREATE TRIGGER signal_acknowledgements_no_delete BEFORE DELETE ON signal_acknowledgements BEGIN SELECT RAISE(ABORT, 'signal_acknowledgements is append-only'); END;

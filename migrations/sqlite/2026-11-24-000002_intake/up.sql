-- What is declared: the declarations in force, what they said before, and the imports that brought them.
CREATE TABLE declarations (
    declaration_number TEXT PRIMARY KEY NOT NULL,
    office TEXT NOT NULL REFERENCES offices (code),
    inspection_day DATE NOT NULL,
    exporter_id TEXT NOT NULL,
    exporter_name TEXT,
    consignment TEXT,
    destination_country TEXT NOT NULL,
    region TEXT NOT NULL,
    commodity_code TEXT NOT NULL,
    description TEXT,
    quantity TEXT NOT NULL,
    unit TEXT NOT NULL,
    packages BIGINT,
    net_weight_kg TEXT,
    gross_weight_kg TEXT,
    value_minor BIGINT,
    currency TEXT,
    location TEXT,
    declared_at TIMESTAMP NOT NULL,
    received_at TIMESTAMP NOT NULL,
    historical BOOLEAN NOT NULL,
    warnings TEXT NOT NULL,
    revision INTEGER NOT NULL,
    chain_sequence BIGINT NOT NULL,
    cancelled_at TIMESTAMP,
    cancellation_reason TEXT,
    draw_id TEXT
);
CREATE INDEX declarations_by_day ON declarations (office, inspection_day);
CREATE INDEX declarations_by_exporter ON declarations (exporter_id);
-- Superseded revisions, whole; the one in force stands in declarations.
CREATE TABLE declaration_revisions (
    declaration_number TEXT NOT NULL REFERENCES declarations (declaration_number),
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    received_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP NOT NULL,
    superseded_by TEXT NOT NULL,
    PRIMARY KEY (declaration_number, revision)
);
CREATE TABLE imports (
    id TEXT PRIMARY KEY NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL,
    mode TEXT NOT NULL,
    dry_run BOOLEAN NOT NULL,
    historical BOOLEAN NOT NULL,
    received BIGINT NOT NULL,
    created BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    revised BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    warnings TEXT NOT NULL,
    failure TEXT,
    heading TEXT,
    actor TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    touched_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
-- Only rows that need a word: rejected, revised, warned.
CREATE TABLE import_rows (
    import_id TEXT NOT NULL REFERENCES imports (id),
    line BIGINT NOT NULL,
    byte_offset BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    declaration_number TEXT,
    errors TEXT NOT NULL,
    content TEXT,
    PRIMARY KEY (import_id, line)
);
-- Append-only: what happened is never edited.
CREATE TRIGGER declaration_revisions_no_update BEFORE UPDATE ON declaration_revisions BEGIN SELECT RAISE(ABORT, 'declaration_revisions is append-only'); END;
CREATE TRIGGER declaration_revisions_no_delete BEFORE DELETE ON declaration_revisions BEGIN SELECT RAISE(ABORT, 'declaration_revisions is append-only'); END;

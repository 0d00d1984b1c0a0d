-- What is declared: the declarations in force, what they said before, and the imports that brought them.
CREATE TABLE declarations (
    declaration_number TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    office TEXT COLLATE "C" NOT NULL REFERENCES offices (code),
    inspection_day DATE NOT NULL,
    exporter_id TEXT COLLATE "C" NOT NULL,
    exporter_name TEXT COLLATE "C",
    consignment TEXT COLLATE "C",
    destination_country TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    commodity_code TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    quantity TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    packages BIGINT,
    net_weight_kg TEXT COLLATE "C",
    gross_weight_kg TEXT COLLATE "C",
    value_minor BIGINT,
    currency TEXT COLLATE "C",
    location TEXT COLLATE "C",
    declared_at TIMESTAMP NOT NULL,
    received_at TIMESTAMP NOT NULL,
    historical BOOLEAN NOT NULL,
    warnings TEXT COLLATE "C" NOT NULL,
    revision INTEGER NOT NULL,
    chain_sequence BIGINT NOT NULL,
    cancelled_at TIMESTAMP,
    cancellation_reason TEXT COLLATE "C",
    draw_id TEXT COLLATE "C"
);
CREATE INDEX declarations_by_day ON declarations (office, inspection_day);
CREATE INDEX declarations_by_exporter ON declarations (exporter_id);
-- Superseded revisions, whole; the one in force stands in declarations.
CREATE TABLE declaration_revisions (
    declaration_number TEXT COLLATE "C" NOT NULL REFERENCES declarations (declaration_number),
    revision INTEGER NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    received_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP NOT NULL,
    superseded_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (declaration_number, revision)
);
CREATE TABLE imports (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    mode TEXT COLLATE "C" NOT NULL,
    dry_run BOOLEAN NOT NULL,
    historical BOOLEAN NOT NULL,
    received BIGINT NOT NULL,
    created BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    revised BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    warnings TEXT COLLATE "C" NOT NULL,
    failure TEXT COLLATE "C",
    heading TEXT COLLATE "C",
    actor TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    touched_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
-- Only rows that need a word: rejected, revised, warned.
CREATE TABLE import_rows (
    import_id TEXT COLLATE "C" NOT NULL REFERENCES imports (id),
    line BIGINT NOT NULL,
    byte_offset BIGINT NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    declaration_number TEXT COLLATE "C",
    errors TEXT COLLATE "C" NOT NULL,
    content TEXT COLLATE "C",
    PRIMARY KEY (import_id, line)
);
-- Append-only: what happened is never edited.
CREATE TRIGGER declaration_revisions_append_only BEFORE UPDATE OR DELETE ON declaration_revisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER declaration_revisions_no_truncate BEFORE TRUNCATE ON declaration_revisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

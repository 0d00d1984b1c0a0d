-- What must be inspected by order, and what deserves somebody's attention.
-- A directive without an office holds at all of them; its event stands in the chain that it names.
CREATE TABLE directives (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    office TEXT COLLATE "C" REFERENCES offices (code),
    declaration_number TEXT COLLATE "C",
    exporter_id TEXT COLLATE "C",
    commodity TEXT COLLATE "C",
    destination_country TEXT COLLATE "C",
    reason TEXT COLLATE "C" NOT NULL,
    from_day DATE NOT NULL,
    until_day DATE NOT NULL,
    most BIGINT,
    cancelled_declaration TEXT COLLATE "C" UNIQUE,
    ordered_at TIMESTAMP NOT NULL,
    ordered_by TEXT COLLATE "C" NOT NULL,
    chain TEXT COLLATE "C" NOT NULL,
    chain_sequence BIGINT NOT NULL
);
CREATE INDEX directives_by_until ON directives (until_day);
CREATE TABLE directive_closures (
    directive TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES directives (id),
    reason TEXT COLLATE "C" NOT NULL,
    closed_at TIMESTAMP NOT NULL,
    closed_by TEXT COLLATE "C" NOT NULL,
    chain_sequence BIGINT NOT NULL
);
-- The directive that took the item; items drawn by chance have none.
ALTER TABLE sample_items ADD COLUMN directive TEXT COLLATE "C";
CREATE INDEX sample_items_by_directive ON sample_items (directive) WHERE directive IS NOT NULL;
CREATE TABLE signals (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    office TEXT COLLATE "C" NOT NULL REFERENCES offices (code),
    day DATE NOT NULL,
    evidence TEXT COLLATE "C" NOT NULL,
    raised_at TIMESTAMP NOT NULL,
    chain_sequence BIGINT NOT NULL
);
CREATE INDEX signals_by_day ON signals (day, office);
CREATE TABLE signal_acknowledgements (
    signal TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES signals (id),
    note TEXT COLLATE "C" NOT NULL,
    acknowledged_at TIMESTAMP NOT NULL,
    acknowledged_by TEXT COLLATE "C" NOT NULL,
    chain_sequence BIGINT NOT NULL
);
-- Append-only: what happened is never edited.
CREATE TRIGGER directives_append_only BEFORE UPDATE OR DELETE ON directives FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER directive_closures_append_only BEFORE UPDATE OR DELETE ON directive_closures FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signals_append_only BEFORE UPDATE OR DELETE ON signals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signal_acknowledgements_append_only BEFORE UPDATE OR DELETE ON signal_acknowledgements FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER directives_no_truncate BEFORE TRUNCATE ON directives FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER directive_closures_no_truncate BEFORE TRUNCATE ON directive_closures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signals_no_truncate BEFORE TRUNCATE ON signals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signal_acknowledgements_no_truncate BEFORE TRUNCATE ON signal_acknowledgements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

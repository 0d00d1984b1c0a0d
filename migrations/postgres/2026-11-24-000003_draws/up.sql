-- Who is drawn: policies, commitments, draws, their frames and samples.
CREATE TABLE policies (
    id TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    from_day DATE NOT NULL,
    floor_ppm INTEGER NOT NULL,
    rules TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    historical BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TABLE commitments (
    office TEXT COLLATE "C" NOT NULL REFERENCES offices (code),
    day DATE NOT NULL,
    round INTEGER NOT NULL,
    commitment TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (office, day, round)
);
-- A draw happens once: whoever draws holds the lock of the office's chain head, and the unique
-- (office, day, round) has the last word.
CREATE TABLE draws (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    office TEXT COLLATE "C" NOT NULL REFERENCES offices (code),
    day DATE NOT NULL,
    round INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    retrospective BOOLEAN NOT NULL,
    capacity INTEGER NOT NULL,
    floor_ppm INTEGER NOT NULL,
    policy_id TEXT COLLATE "C" NOT NULL,
    policy_version INTEGER NOT NULL,
    policy_sha256 TEXT COLLATE "C" NOT NULL,
    risk_model TEXT COLLATE "C" NOT NULL,
    entropy TEXT COLLATE "C" NOT NULL,
    commitment TEXT COLLATE "C" NOT NULL,
    frame_rows BIGINT NOT NULL,
    take_all BIGINT NOT NULL,
    asked TEXT COLLATE "C" NOT NULL,
    given TEXT COLLATE "C" NOT NULL,
    drawn BIGINT NOT NULL,
    roster TEXT COLLATE "C" NOT NULL,
    frame_sha256 TEXT COLLATE "C" NOT NULL,
    roster_sha256 TEXT COLLATE "C" NOT NULL,
    sample_sha256 TEXT COLLATE "C" NOT NULL,
    seed TEXT COLLATE "C" NOT NULL,
    start_at BIGINT NOT NULL,
    closed_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revealed_at TIMESTAMP,
    secret TEXT COLLATE "C",
    UNIQUE (office, day, round)
);
CREATE TABLE candidates (
    draw_id TEXT COLLATE "C" NOT NULL REFERENCES draws (id),
    declaration_number TEXT COLLATE "C" NOT NULL,
    office TEXT COLLATE "C" NOT NULL,
    day DATE NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    country TEXT COLLATE "C" NOT NULL,
    commodity_code TEXT COLLATE "C" NOT NULL,
    exporter_id TEXT COLLATE "C" NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    proportion_ppm INTEGER NOT NULL,
    factor BIGINT NOT NULL,
    take_all BOOLEAN NOT NULL,
    pi BIGINT NOT NULL,
    PRIMARY KEY (draw_id, declaration_number)
);
CREATE INDEX candidates_by_day ON candidates (day, office);
CREATE TABLE sample_items (
    draw_id TEXT COLLATE "C" NOT NULL REFERENCES draws (id),
    position INTEGER NOT NULL,
    declaration_number TEXT COLLATE "C" NOT NULL UNIQUE,
    office TEXT COLLATE "C" NOT NULL,
    day DATE NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    country TEXT COLLATE "C" NOT NULL,
    commodity_code TEXT COLLATE "C" NOT NULL,
    exporter_id TEXT COLLATE "C" NOT NULL,
    selection TEXT COLLATE "C" NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    proportion_ppm INTEGER NOT NULL,
    factor BIGINT NOT NULL,
    pi BIGINT NOT NULL,
    ticket TEXT COLLATE "C" NOT NULL,
    cumulated_from BIGINT,
    cumulated_to BIGINT,
    hit BIGINT,
    inspector TEXT COLLATE "C",
    assignee TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    not_inspected_reason TEXT COLLATE "C",
    inspected_by TEXT COLLATE "C",
    PRIMARY KEY (draw_id, position)
);
CREATE INDEX sample_items_by_day ON sample_items (day, office);
-- Append-only: what happened is never edited.
CREATE TRIGGER policies_append_only BEFORE UPDATE OR DELETE ON policies FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER candidates_append_only BEFORE UPDATE OR DELETE ON candidates FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policies_no_truncate BEFORE TRUNCATE ON policies FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER candidates_no_truncate BEFORE TRUNCATE ON candidates FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who is drawn: policies, commitments, draws, their frames and samples.
CREATE TABLE policies (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    from_day DATE NOT NULL,
    floor_ppm INTEGER NOT NULL,
    rules TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    historical BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TABLE commitments (
    office TEXT NOT NULL REFERENCES offices (code),
    day DATE NOT NULL,
    round INTEGER NOT NULL,
    commitment TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (office, day, round)
);
-- A draw happens once: whoever draws holds the lock of the office's chain head, and the unique
-- (office, day, round) has the last word.
CREATE TABLE draws (
    id TEXT PRIMARY KEY NOT NULL,
    office TEXT NOT NULL REFERENCES offices (code),
    day DATE NOT NULL,
    round INTEGER NOT NULL,
    state TEXT NOT NULL,
    retrospective BOOLEAN NOT NULL,
    capacity INTEGER NOT NULL,
    floor_ppm INTEGER NOT NULL,
    policy_id TEXT NOT NULL,
    policy_version INTEGER NOT NULL,
    policy_sha256 TEXT NOT NULL,
    risk_model TEXT NOT NULL,
    entropy TEXT NOT NULL,
    commitment TEXT NOT NULL,
    frame_rows BIGINT NOT NULL,
    take_all BIGINT NOT NULL,
    asked TEXT NOT NULL,
    given TEXT NOT NULL,
    drawn BIGINT NOT NULL,
    roster TEXT NOT NULL,
    frame_sha256 TEXT NOT NULL,
    roster_sha256 TEXT NOT NULL,
    sample_sha256 TEXT NOT NULL,
    seed TEXT NOT NULL,
    start_at BIGINT NOT NULL,
    closed_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revealed_at TIMESTAMP,
    secret TEXT,
    UNIQUE (office, day, round)
);
CREATE TABLE candidates (
    draw_id TEXT NOT NULL REFERENCES draws (id),
    declaration_number TEXT NOT NULL,
    office TEXT NOT NULL,
    day DATE NOT NULL,
    region TEXT NOT NULL,
    country TEXT NOT NULL,
    commodity_code TEXT NOT NULL,
    exporter_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    proportion_ppm INTEGER NOT NULL,
    factor BIGINT NOT NULL,
    take_all BOOLEAN NOT NULL,
    pi BIGINT NOT NULL,
    PRIMARY KEY (draw_id, declaration_number)
);
CREATE INDEX candidates_by_day ON candidates (day, office);
CREATE TABLE sample_items (
    draw_id TEXT NOT NULL REFERENCES draws (id),
    position INTEGER NOT NULL,
    declaration_number TEXT NOT NULL UNIQUE,
    office TEXT NOT NULL,
    day DATE NOT NULL,
    region TEXT NOT NULL,
    country TEXT NOT NULL,
    commodity_code TEXT NOT NULL,
    exporter_id TEXT NOT NULL,
    selection TEXT NOT NULL,
    rule TEXT NOT NULL,
    proportion_ppm INTEGER NOT NULL,
    factor BIGINT NOT NULL,
    pi BIGINT NOT NULL,
    ticket TEXT NOT NULL,
    cumulated_from BIGINT,
    cumulated_to BIGINT,
    hit BIGINT,
    inspector TEXT,
    assignee TEXT,
    state TEXT NOT NULL,
    not_inspected_reason TEXT,
    inspected_by TEXT,
    PRIMARY KEY (draw_id, position)
);
CREATE INDEX sample_items_by_day ON sample_items (day, office);
-- Append-only: what happened is never edited.
CREATE TRIGGER policies_no_update BEFORE UPDATE ON policies BEGIN SELECT RAISE(ABORT, 'policies is append-only'); END;
CREATE TRIGGER policies_no_delete BEFORE DELETE ON policies BEGIN SELECT RAISE(ABORT, 'policies is append-only'); END;
CREATE TRIGGER candidates_no_update BEFORE UPDATE ON candidates BEGIN SELECT RAISE(ABORT, 'candidates is append-only'); END;
CREATE TRIGGER candidates_no_delete BEFORE DELETE ON candidates BEGIN SELECT RAISE(ABORT, 'candidates is append-only'); END;

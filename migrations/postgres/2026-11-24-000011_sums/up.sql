-- The sums of every cell that rates are asked for by, kept with each draw and each result. A cell is an
-- office's day or month and region, told apart further by country or by chapter (`code`).
-- Sums are integers too long for a column of both engines: of weights in units of 2^-64, of squares
-- in units of 2^-56.
CREATE TABLE rate_sums (
    view TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    first_day DATE NOT NULL,
    office TEXT COLLATE "C" NOT NULL REFERENCES offices (code),
    region TEXT COLLATE "C" NOT NULL,
    selection TEXT COLLATE "C" NOT NULL,
    drawn BIGINT NOT NULL,
    open BIGINT NOT NULL,
    not_inspected BIGINT NOT NULL,
    inspected BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    frame_rows BIGINT NOT NULL,
    w TEXT COLLATE "C" NOT NULL,
    wy TEXT COLLATE "C" NOT NULL,
    a TEXT COLLATE "C" NOT NULL,
    a1 TEXT COLLATE "C" NOT NULL,
    b TEXT COLLATE "C" NOT NULL,
    b1 TEXT COLLATE "C" NOT NULL,
    u TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (view, code, first_day, office, region, selection)
);
CREATE INDEX rate_sums_by_office ON rate_sums (office, view, first_day);
-- Draws made before are added up in code (flow/rates/rebuild.rs).
INSERT INTO chores (name) VALUES ('sum-anew');
-- What is in no frame yet is little, and every rate asks for it: by region it need not look at a row.
CREATE INDEX declarations_waiting ON declarations (inspection_day, office, region, cancelled_at, historical) WHERE draw_id IS NULL;
-- Whoever sees some offices asks by these; else SQLite would read all that they ever declared.
CREATE INDEX declarations_waiting_by_office ON declarations (office, inspection_day) WHERE draw_id IS NULL;
-- Filters finer than the sums: all that a rate needs of a frame's row stands in the index.
CREATE INDEX candidates_by_commodity ON candidates (commodity_code, day, office, region, country, exporter_id, take_all, pi);
CREATE INDEX candidates_by_exporter ON candidates (exporter_id, day, office, region, country, commodity_code, take_all, pi);
CREATE INDEX sample_items_by_exporter ON sample_items (exporter_id, day);
-- Few draws wait for a second party, and every rate asks which.
CREATE INDEX draws_by_state ON draws (state);

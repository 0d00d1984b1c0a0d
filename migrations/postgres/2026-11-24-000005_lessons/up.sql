-- What the risk score learns from, and the results that were found before Breeze.
CREATE TABLE result_imports (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    received BIGINT NOT NULL,
    created BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    revised BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    rejections TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
-- Every revision of an imported result, the highest in force.
CREATE TABLE imported_results (
    declaration_number TEXT COLLATE "C" NOT NULL REFERENCES declarations (declaration_number),
    revision INTEGER NOT NULL,
    import_id TEXT COLLATE "C" NOT NULL REFERENCES result_imports (id),
    office TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    severity TEXT COLLATE "C",
    inspected_at TIMESTAMP NOT NULL,
    inspector TEXT COLLATE "C",
    selection TEXT COLLATE "C" NOT NULL,
    probability_ppm INTEGER,
    imported_at TIMESTAMP NOT NULL,
    imported_by TEXT COLLATE "C" NOT NULL,
    chain_sequence BIGINT NOT NULL,
    PRIMARY KEY (declaration_number, revision)
);
-- Append-only: what happened is never edited.
CREATE TRIGGER imported_results_append_only BEFORE UPDATE OR DELETE ON imported_results FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER imported_results_no_truncate BEFORE TRUNCATE ON imported_results FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- One row for each declaration whose goods passed or failed: a projection, which follows the result in force.
CREATE TABLE lessons (
    declaration_number TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES declarations (declaration_number),
    exporter_id TEXT COLLATE "C" NOT NULL,
    office TEXT COLLATE "C" NOT NULL,
    known_on DATE NOT NULL,
    failed BOOLEAN NOT NULL,
    severity TEXT COLLATE "C" NOT NULL,
    inspector TEXT COLLATE "C",
    source TEXT COLLATE "C" NOT NULL,
    selection TEXT COLLATE "C" NOT NULL
);
CREATE INDEX lessons_by_exporter ON lessons (exporter_id, known_on, declaration_number);
CREATE INDEX lessons_by_day ON lessons (known_on, declaration_number);
-- The inspections that are there, as well as SQL can tell: the day is that of the last amendment,
-- whatever it changed. The start that runs this migration then learns from them anew (flow/learn.rs).
INSERT INTO lessons
SELECT s.declaration_number, s.exporter_id, s.office,
    (COALESCE(a.recorded_at, i.recorded_at) AT TIME ZONE 'UTC' AT TIME ZONE o.time_zone)::date,
    s.state = 'failed',
    CASE
        WHEN s.state = 'passed' THEN 'pass'
        WHEN COALESCE(a.defects, i.defects) LIKE '%"class":"critical"%' THEN 'critical'
        WHEN COALESCE(a.defects, i.defects) LIKE '%"class":"major"%' THEN 'major'
        WHEN COALESCE(a.defects, i.defects) LIKE '%"class":"minor"%' THEN 'minor'
        ELSE 'unstated'
    END,
    s.office || '/' || s.inspected_by, 'inspection', s.selection
FROM sample_items s
JOIN offices o ON o.code = s.office
JOIN inspections i ON i.draw_id = s.draw_id AND i.position = s.position
LEFT JOIN amendments a ON a.inspection_id = i.id
    AND a.number = (SELECT MAX(b.number) FROM amendments b WHERE b.inspection_id = i.id)
WHERE s.state IN ('passed', 'failed');

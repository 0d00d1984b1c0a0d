-- Reports as they were published, byte for byte.
CREATE TABLE report_publications (
    period TEXT PRIMARY KEY NOT NULL,
    report TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    published_at TIMESTAMP NOT NULL,
    published_by TEXT NOT NULL,
    chain_sequence BIGINT NOT NULL
);
-- Append-only: what happened is never edited.
CREATE TRIGGER report_publications_no_update BEFORE UPDATE ON report_publications BEGIN SELECT RAISE(ABORT, 'report_publications is append-only'); END;
CREATE TRIGGER report_publications_no_delete BEFORE DELETE ON report_publications BEGIN SELECT RAISE(ABORT, 'report_publications is append-only'); END;

-- Reports as they were published, byte for byte.
CREATE TABLE report_publications (
    period TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    report TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    published_at TIMESTAMP NOT NULL,
    published_by TEXT COLLATE "C" NOT NULL,
    chain_sequence BIGINT NOT NULL
);
-- Append-only: what happened is never edited.
CREATE TRIGGER report_publications_append_only BEFORE UPDATE OR DELETE ON report_publications FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER report_publications_no_truncate BEFORE TRUNCATE ON report_publications FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

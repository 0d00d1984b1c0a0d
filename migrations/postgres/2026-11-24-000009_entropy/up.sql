-- Entropy after the freeze: where an office takes it from, to what its auditors committed, and what came in.
-- Of the settings that begin no later than a day, the one with the highest number holds on it.
CREATE TABLE entropy_settings (
    office TEXT COLLATE "C" NOT NULL REFERENCES offices (code),
    number INTEGER NOT NULL,
    from_day DATE NOT NULL,
    entropy TEXT COLLATE "C" NOT NULL,
    set_at TIMESTAMP NOT NULL,
    PRIMARY KEY (office, number)
);
CREATE TABLE auditor_commitments (
    office TEXT COLLATE "C" NOT NULL REFERENCES offices (code),
    day DATE NOT NULL,
    round INTEGER NOT NULL,
    commitment TEXT COLLATE "C" NOT NULL,
    committed_at TIMESTAMP NOT NULL,
    committed_by TEXT COLLATE "C" NOT NULL,
    chain_sequence BIGINT NOT NULL,
    PRIMARY KEY (office, day, round)
);
-- What was released for a frozen frame.
CREATE TABLE entropy_releases (
    draw_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES draws (id),
    value TEXT COLLATE "C" NOT NULL,
    released_at TIMESTAMP NOT NULL,
    released_by TEXT COLLATE "C" NOT NULL,
    chain_sequence BIGINT NOT NULL
);
-- The auditor's own secret, which opens commitment and release.
CREATE TABLE auditor_secrets (
    draw_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES draws (id),
    secret TEXT COLLATE "C" NOT NULL,
    given_at TIMESTAMP NOT NULL,
    given_by TEXT COLLATE "C" NOT NULL,
    chain_sequence BIGINT NOT NULL
);
CREATE INDEX draws_frozen ON draws (state) WHERE state = 'frozen';
-- The directive that makes a row of a frame certain, kept until the row is an item.
ALTER TABLE candidates ADD COLUMN directive TEXT COLLATE "C";
-- Append-only: what happened is never edited.
CREATE TRIGGER entropy_settings_append_only BEFORE UPDATE OR DELETE ON entropy_settings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entropy_settings_no_truncate BEFORE TRUNCATE ON entropy_settings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER auditor_commitments_append_only BEFORE UPDATE OR DELETE ON auditor_commitments FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER auditor_commitments_no_truncate BEFORE TRUNCATE ON auditor_commitments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entropy_releases_append_only BEFORE UPDATE OR DELETE ON entropy_releases FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entropy_releases_no_truncate BEFORE TRUNCATE ON entropy_releases FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER auditor_secrets_append_only BEFORE UPDATE OR DELETE ON auditor_secrets FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER auditor_secrets_no_truncate BEFORE TRUNCATE ON auditor_secrets FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Entropy after the freeze: where an office takes it from, to what its auditors committed, and what came in.
-- Of the settings that begin no later than a day, the one with the highest number holds on it.
CREATE TABLE entropy_settings (
    office TEXT NOT NULL REFERENCES offices (code),
    number INTEGER NOT NULL,
    from_day DATE NOT NULL,
    entropy TEXT NOT NULL,
    set_at TIMESTAMP NOT NULL,
    PRIMARY KEY (office, number)
);
CREATE TABLE auditor_commitments (
    office TEXT NOT NULL REFERENCES offices (code),
    day DATE NOT NULL,
    round INTEGER NOT NULL,
    commitment TEXT NOT NULL,
    committed_at TIMESTAMP NOT NULL,
    committed_by TEXT NOT NULL,
    chain_sequence BIGINT NOT NULL,
    PRIMARY KEY (office, day, round)
);
-- What was released for a frozen frame.
CREATE TABLE entropy_releases (
    draw_id TEXT PRIMARY KEY NOT NULL REFERENCES draws (id),
    value TEXT NOT NULL,
    released_at TIMESTAMP NOT NULL,
    released_by TEXT NOT NULL,
    chain_sequence BIGINT NOT NULL
);
-- The auditor's own secret, which opens commitment and release.
CREATE TABLE auditor_secrets (
    draw_id TEXT PRIMARY KEY NOT NULL REFERENCES draws (id),
    secret TEXT NOT NULL,
    given_at TIMESTAMP NOT NULL,
    given_by TEXT NOT NULL,
    chain_sequence BIGINT NOT NULL
);
CREATE INDEX draws_frozen ON draws (state) WHERE state = 'frozen';
-- The directive that makes a row of a frame certain, kept until the row is an item.
ALTER TABLE candidates ADD COLUMN directive TEXT;
-- Append-only: what happened is never edited.
CREATE TRIGGER entropy_settings_no_update BEFORE UPDATE ON entropy_settings BEGIN SELECT RAISE(ABORT, 'entropy_settings is append-only'); END;
CREATE TRIGGER entropy_settings_no_delete BEFORE DELETE ON entropy_settings BEGIN SELECT RAISE(ABORT, 'entropy_settings is append-only'); END;
CREATE TRIGGER auditor_commitments_no_update BEFORE UPDATE ON auditor_commitments BEGIN SELECT RAISE(ABORT, 'auditor_commitments is append-only'); END;
CREATE TRIGGER auditor_commitments_no_delete BEFORE DELETE ON auditor_commitments BEGIN SELECT RAISE(ABORT, 'auditor_commitments is append-only'); END;
CREATE TRIGGER entropy_releases_no_update BEFORE UPDATE ON entropy_releases BEGIN SELECT RAISE(ABORT, 'entropy_releases is append-only'); END;
CREATE TRIGGER entropy_releases_no_delete BEFORE DELETE ON entropy_releases BEGIN SELECT RAISE(ABORT, 'entropy_releases is append-only'); END;
CREATE TRIGGER auditor_secrets_no_update BEFORE UPDATE ON auditor_secrets BEGIN SELECT RAISE(ABORT, 'auditor_secrets is append-only'); END;
CREATE TRIGGER auditor_secrets_no_delete BEFORE DELETE ON auditor_secrets BEGIN SELECT RAISE(ABORT, 'auditor_secrets is append-only'); END;

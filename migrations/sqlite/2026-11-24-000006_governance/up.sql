-- How policies and campaigns aim, and who stands for them: proposed by one, approved by another.
ALTER TABLE policies ADD COLUMN targeting_exponent_milli INTEGER;
CREATE TABLE policy_approvals (
    policy_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    approved_by TEXT NOT NULL,
    approved_at TIMESTAMP NOT NULL,
    note TEXT,
    PRIMARY KEY (policy_id, version),
    FOREIGN KEY (policy_id, version) REFERENCES policies (id, version)
);
-- What governed before anybody approved goes on governing.
INSERT INTO policy_approvals (policy_id, version, approved_by, approved_at, note)
SELECT id, version, created_by, created_at, 'loaded before approvals existed' FROM policies;
-- A proposal is revised until it is approved; the last revision is the campaign.
CREATE TABLE campaigns (
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    from_day DATE NOT NULL,
    until_day DATE NOT NULL,
    body TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    historical BOOLEAN NOT NULL,
    proposed_at TIMESTAMP NOT NULL,
    proposed_by TEXT NOT NULL,
    PRIMARY KEY (id, revision)
);
CREATE TABLE campaign_approvals (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL,
    approved_by TEXT NOT NULL,
    approved_at TIMESTAMP NOT NULL,
    note TEXT,
    FOREIGN KEY (id, revision) REFERENCES campaigns (id, revision)
);
CREATE TABLE campaign_closures (
    id TEXT PRIMARY KEY NOT NULL REFERENCES campaign_approvals (id),
    last_day DATE NOT NULL,
    reason TEXT NOT NULL,
    closed_at TIMESTAMP NOT NULL,
    closed_by TEXT NOT NULL
);
-- The campaigns that were in force at the office on the day, as JSON.
ALTER TABLE draws ADD COLUMN campaigns TEXT NOT NULL DEFAULT '[]';
-- Append-only: what happened is never edited.
CREATE TRIGGER policy_approvals_no_update BEFORE UPDATE ON policy_approvals BEGIN SELECT RAISE(ABORT, 'policy_approvals is append-only'); END;
CREATE TRIGGER policy_approvals_no_delete BEFORE DELETE ON policy_approvals BEGIN SELECT RAISE(ABORT, 'policy_approvals is append-only'); END;
CREATE TRIGGER campaigns_no_update BEFORE UPDATE ON campaigns BEGIN SELECT RAISE(ABORT, 'campaigns is append-only'); END;
CREATE TRIGGER campaigns_no_delete BEFORE DELETE ON campaigns BEGIN SELECT RAISE(ABORT, 'campaigns is append-only'); END;
CREATE TRIGGER campaign_approvals_no_update BEFORE UPDATE ON campaign_approvals BEGIN SELECT RAISE(ABORT, 'campaign_approvals is append-only'); END;
CREATE TRIGGER campaign_approvals_no_delete BEFORE DELETE ON campaign_approvals BEGIN SELECT RAISE(ABORT, 'campaign_approvals is append-only'); END;
CREATE TRIGGER campaign_closures_no_update BEFORE UPDATE ON campaign_closures BEGIN SELECT RAISE(ABORT, 'campaign_closures is append-only'); END;
CREATE TRIGGER campaign_closures_no_delete BEFORE DELETE ON campaign_closures BEGIN SELECT RAISE(ABORT, 'campaign_closures is append-only'); END;

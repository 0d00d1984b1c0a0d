-- How policies and campaigns aim, and who stands for them: proposed by one, approved by another.
ALTER TABLE policies ADD COLUMN targeting_exponent_milli INTEGER;
CREATE TABLE policy_approvals (
    policy_id TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    approved_by TEXT COLLATE "C" NOT NULL,
    approved_at TIMESTAMP NOT NULL,
    note TEXT COLLATE "C",
    PRIMARY KEY (policy_id, version),
    FOREIGN KEY (policy_id, version) REFERENCES policies (id, version)
);
-- What governed before anybody approved goes on governing.
INSERT INTO policy_approvals (policy_id, version, approved_by, approved_at, note)
SELECT id, version, created_by, created_at, 'loaded before approvals existed' FROM policies;
-- A proposal is revised until it is approved; the last revision is the campaign.
CREATE TABLE campaigns (
    id TEXT COLLATE "C" NOT NULL,
    revision INTEGER NOT NULL,
    from_day DATE NOT NULL,
    until_day DATE NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    historical BOOLEAN NOT NULL,
    proposed_at TIMESTAMP NOT NULL,
    proposed_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, revision)
);
CREATE TABLE campaign_approvals (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL,
    approved_by TEXT COLLATE "C" NOT NULL,
    approved_at TIMESTAMP NOT NULL,
    note TEXT COLLATE "C",
    FOREIGN KEY (id, revision) REFERENCES campaigns (id, revision)
);
CREATE TABLE campaign_closures (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES campaign_approvals (id),
    last_day DATE NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    closed_at TIMESTAMP NOT NULL,
    closed_by TEXT COLLATE "C" NOT NULL
);
-- The campaigns that were in force at the office on the day, as JSON.
ALTER TABLE draws ADD COLUMN campaigns TEXT COLLATE "C" NOT NULL DEFAULT '[]';
-- Append-only: what happened is never edited.
CREATE TRIGGER policy_approvals_append_only BEFORE UPDATE OR DELETE ON policy_approvals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER campaigns_append_only BEFORE UPDATE OR DELETE ON campaigns FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER campaign_approvals_append_only BEFORE UPDATE OR DELETE ON campaign_approvals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER campaign_closures_append_only BEFORE UPDATE OR DELETE ON campaign_closures FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policy_approvals_no_truncate BEFORE TRUNCATE ON policy_approvals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER campaigns_no_truncate BEFORE TRUNCATE ON campaigns FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER campaign_approvals_no_truncate BEFORE TRUNCATE ON campaign_approvals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER campaign_closures_no_truncate BEFORE TRUNCATE ON campaign_closures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

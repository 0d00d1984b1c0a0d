-- Every text is collated by bytes ("C"): both engines and the published files order alike, whatever
-- the database was made with.
-- Who and where: offices with their calendars and rosters, keys, and the hash chain of every office.
CREATE TABLE offices (
    code TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    province TEXT COLLATE "C",
    time_zone TEXT COLLATE "C" NOT NULL,
    daily_capacity INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
-- A calendar holds from a day on; days before keep the calendar they were promised under.
CREATE TABLE calendars (
    office TEXT COLLATE "C" NOT NULL REFERENCES offices (code),
    valid_from DATE NOT NULL,
    cut_off_minutes INTEGER NOT NULL,
    working_days TEXT COLLATE "C" NOT NULL,
    holidays TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (office, valid_from)
);
CREATE TABLE inspectors (
    office TEXT COLLATE "C" NOT NULL REFERENCES offices (code),
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    room INTEGER NOT NULL,
    conflicts TEXT COLLATE "C" NOT NULL,
    active BOOLEAN NOT NULL,
    PRIMARY KEY (office, id)
);
CREATE TABLE api_keys (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    offices TEXT COLLATE "C" NOT NULL,
    inspector TEXT COLLATE "C",
    secret_sha256 TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP,
    revoked_at TIMESTAMP
);
-- The fingerprint of the master key the draws' secrets come from; one row.
CREATE TABLE master_keys (
    fingerprint TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    created_at TIMESTAMP NOT NULL
);
-- Office '-' is the chain of events that belong to no office.
CREATE TABLE chain_heads (
    office TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    sequence BIGINT NOT NULL,
    head TEXT COLLATE "C" NOT NULL
);
CREATE TABLE events (
    office TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    payload_sha256 TEXT COLLATE "C" NOT NULL,
    head TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (office, sequence)
);
CREATE TABLE idempotency_keys (
    api_key TEXT COLLATE "C" NOT NULL,
    token TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    status INTEGER NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (api_key, token)
);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
-- Append-only: what happened is never edited.
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who and where: offices with their calendars and rosters, keys, and the hash chain of every office.
CREATE TABLE offices (
    code TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    province TEXT,
    time_zone TEXT NOT NULL,
    daily_capacity INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
-- A calendar holds from a day on; days before keep the calendar they were promised under.
CREATE TABLE calendars (
    office TEXT NOT NULL REFERENCES offices (code),
    valid_from DATE NOT NULL,
    cut_off_minutes INTEGER NOT NULL,
    working_days TEXT NOT NULL,
    holidays TEXT NOT NULL,
    PRIMARY KEY (office, valid_from)
);
CREATE TABLE inspectors (
    office TEXT NOT NULL REFERENCES offices (code),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    room INTEGER NOT NULL,
    conflicts TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    PRIMARY KEY (office, id)
);
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    offices TEXT NOT NULL,
    inspector TEXT,
    secret_sha256 TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP,
    revoked_at TIMESTAMP
);
-- The fingerprint of the master key the draws' secrets come from; one row.
CREATE TABLE master_keys (
    fingerprint TEXT PRIMARY KEY NOT NULL,
    created_at TIMESTAMP NOT NULL
);
-- Office '-' is the chain of events that belong to no office.
CREATE TABLE chain_heads (
    office TEXT PRIMARY KEY NOT NULL,
    sequence BIGINT NOT NULL,
    head TEXT NOT NULL
);
CREATE TABLE events (
    office TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    object TEXT NOT NULL,
    payload_sha256 TEXT NOT NULL,
    head TEXT NOT NULL,
    PRIMARY KEY (office, sequence)
);
CREATE TABLE idempotency_keys (
    api_key TEXT NOT NULL,
    token TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (api_key, token)
);
-- Append-only: what happened is never edited.
CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events is append-only'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events is append-only'); END;

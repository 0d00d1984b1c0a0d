-- The older program knows no signals of charts, and what was raised is not thrown away. RAISE stands in
-- triggers only.
CREATE TABLE of_charts (id TEXT NOT NULL);
CREATE TRIGGER of_charts_refused BEFORE INSERT ON of_charts BEGIN SELECT RAISE(ABORT, 'a signal of a chart cannot be read by the older program: there is no way back behind it'); END;
INSERT INTO of_charts (id) SELECT id FROM signals WHERE office = '-' OR kind IN ('rate_above_limit', 'rate_below_limit', 'rate_drift');
DROP TABLE of_charts;
DROP TABLE chart_evaluations;
CREATE TABLE signals_anew (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    office TEXT NOT NULL REFERENCES offices (code),
    day DATE NOT NULL,
    evidence TEXT NOT NULL,
    raised_at TIMESTAMP NOT NULL,
    chain_sequence BIGINT NOT NULL
);
INSERT INTO signals_anew (id, kind, office, day, evidence, raised_at, chain_sequence)
SELECT id, kind, office, day, evidence, raised_at, chain_sequence FROM signals;
-- Their acknowledgements refer to them, so they move out first.
CREATE TABLE acknowledgements_kept AS SELECT signal, note, acknowledged_at, acknowledged_by, chain_sequence FROM signal_acknowledgements;
DROP TABLE signal_acknowledgements;
DROP TABLE signals;
ALTER TABLE signals_anew RENAME TO signals;
CREATE INDEX signals_by_day ON signals (day, office);
CREATE TABLE signal_acknowledgements (
    signal TEXT PRIMARY KEY NOT NULL REFERENCES signals (id),
    note TEXT NOT NULL,
    acknowledged_at TIMESTAMP NOT NULL,
    acknowledged_by TEXT NOT NULL,
    chain_sequence BIGINT NOT NULL
);
INSERT INTO signal_acknowledgements (signal, note, acknowledged_at, acknowledged_by, chain_sequence)
SELECT signal, note, acknowledged_at, acknowledged_by, chain_sequence FROM acknowledgements_kept;
DROP TABLE acknowledgements_kept;
CREATE TRIGGER signals_no_update BEFORE UPDATE ON signals BEGIN SELECT RAISE(ABORT, 'signals is append-only'); END;
CREATE TRIGGER signals_no_delete BEFORE DELETE ON signals BEGIN SELECT RAISE(ABORT, 'signals is append-only'); END;
CREATE TRIGGER signal_acknowledgements_no_update BEFORE UPDATE ON signal_acknowledgements BEGIN SELECT RAISE(ABORT, 'signal_acknowledgements is append-only'); END;
CREATE TRIGGER signal_acknowledgements_no_delete BEFORE DELETE ON signal_acknowledgements BEGIN SELECT RAISE(ABORT, 'signal_acknowledgements is append-only'); END;

-- How the draw is aimed: fitted risk models, which of them is active since when, and how their scores become factors.
CREATE TABLE risk_models (
    version INTEGER PRIMARY KEY NOT NULL,
    as_of DATE NOT NULL,
    recipe TEXT COLLATE "C" NOT NULL,
    recipe_sha256 TEXT COLLATE "C" NOT NULL,
    lessons BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    lessons_sha256 TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C",
    summary TEXT COLLATE "C" NOT NULL,
    model TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    backtest TEXT COLLATE "C" NOT NULL,
    fitted_at TIMESTAMP NOT NULL,
    fitted_by TEXT COLLATE "C" NOT NULL,
    UNIQUE (recipe_sha256, as_of, lessons_sha256)
);
-- The last one says what is active: a version, or none after a withdrawal.
CREATE TABLE risk_activations (
    number INTEGER PRIMARY KEY NOT NULL,
    version INTEGER REFERENCES risk_models (version),
    kind TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C",
    actor TEXT COLLATE "C" NOT NULL,
    activated_at TIMESTAMP NOT NULL
);
-- How the scores of a model become factors under the rules that are in force on a day.
CREATE TABLE risk_scales (
    version INTEGER NOT NULL REFERENCES risk_models (version),
    in_force_sha256 TEXT COLLATE "C" NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    declarations BIGINT NOT NULL,
    scale TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (version, in_force_sha256, rule)
);
ALTER TABLE draws ADD COLUMN in_force_sha256 TEXT COLLATE "C";
-- What the score saw of the exporter when the frame was frozen, and what it said, in 1e-9.
ALTER TABLE candidates ADD COLUMN score_ppb BIGINT;
ALTER TABLE candidates ADD COLUMN past TEXT COLLATE "C";
ALTER TABLE sample_items ADD COLUMN score_ppb BIGINT;
ALTER TABLE sample_items ADD COLUMN past TEXT COLLATE "C";
ALTER TABLE sample_items ADD COLUMN contributions TEXT COLLATE "C";
-- Append-only: what happened is never edited.
CREATE TRIGGER risk_models_append_only BEFORE UPDATE OR DELETE ON risk_models FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_models_no_truncate BEFORE TRUNCATE ON risk_models FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_activations_append_only BEFORE UPDATE OR DELETE ON risk_activations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_activations_no_truncate BEFORE TRUNCATE ON risk_activations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_scales_append_only BEFORE UPDATE OR DELETE ON risk_scales FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_scales_no_truncate BEFORE TRUNCATE ON risk_scales FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A signal over all offices belongs to none: `-`, as its chain.
ALTER TABLE signals DROP CONSTRAINT signals_office_fkey;
-- The periods whose charts were evaluated, by label; each once, so that no amendment raises old news.
CREATE TABLE chart_evaluations (
    period TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    evaluated_at TIMESTAMP NOT NULL,
    raised BIGINT NOT NULL
);
CREATE TRIGGER chart_evaluations_append_only BEFORE UPDATE OR DELETE ON chart_evaluations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER chart_evaluations_no_truncate BEFORE TRUNCATE ON chart_evaluations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

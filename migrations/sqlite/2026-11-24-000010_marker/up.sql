-- What is left to do once, row by row in code, after a migration did what SQL can: a row goes when it is done.
CREATE TABLE chores (
    name TEXT PRIMARY KEY NOT NULL
);
-- Lessons are learned anew from every inspection (flow/learn.rs); also where an earlier start broke off.
INSERT INTO chores (name) VALUES ('learn-anew');
-- The labels of severity that imported failures have so far; there is room for a few.
CREATE TABLE severity_labels (
    label TEXT PRIMARY KEY NOT NULL
);
INSERT INTO severity_labels (label)
SELECT DISTINCT severity FROM imported_results WHERE outcome = 'fail' AND severity IS NOT NULL;

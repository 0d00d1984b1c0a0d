DROP TABLE signal_acknowledgements;
DROP TABLE signals;
DROP INDEX sample_items_by_directive;
ALTER TABLE sample_items DROP COLUMN directive;
DROP TABLE directive_closures;
DROP TABLE directives;

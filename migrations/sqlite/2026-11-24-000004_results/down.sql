DROP TABLE assignments;
DROP TABLE amendments;
DROP TABLE inspections;

DROP TABLE sample_items;
DROP TABLE candidates;
DROP TABLE draws;
DROP TABLE commitments;
DROP TABLE policies;

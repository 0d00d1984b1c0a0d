DROP TABLE severity_labels;
DROP TABLE chores;

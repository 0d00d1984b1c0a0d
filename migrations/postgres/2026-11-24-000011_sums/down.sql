DROP INDEX draws_by_state;
DROP INDEX sample_items_by_exporter;
DROP INDEX candidates_by_exporter;
DROP INDEX candidates_by_commodity;
DROP INDEX declarations_waiting_by_office;
DROP INDEX declarations_waiting;
DELETE FROM chores WHERE name = 'sum-anew';
DROP TABLE rate_sums;

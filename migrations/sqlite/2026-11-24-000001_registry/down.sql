DROP TABLE idempotency_keys;
DROP TABLE events;
DROP TABLE chain_heads;
DROP TABLE master_keys;
DROP TABLE api_keys;
DROP TABLE inspectors;
DROP TABLE calendars;
DROP TABLE offices;

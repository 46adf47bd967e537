-- What the tables need beyond what Django can say: the queue's order, the shape of a change of status,
-- and room on the pages of the hot tables, so that updates stay close to their rows.
CREATE SEQUENCE pgprocess_ready_seq;
CREATE TYPE pgprocess_change AS (id bigint, was text, is_now text, job_id bigint);

ALTER TABLE pgprocess_job SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE pgprocess_jobtask SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE pgprocess_worker SET (fillfactor = 50);

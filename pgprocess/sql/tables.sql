-- What the tables need beyond what Django can declare: the queue's order, and the shape of a change of status.
CREATE SEQUENCE pgprocess_ready_seq;
CREATE TYPE pgprocess_change AS (id bigint, was text, is_now text, job_id bigint);

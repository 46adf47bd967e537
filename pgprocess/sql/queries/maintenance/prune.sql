-- Delete these jobs, with their tasks and all that belongs to a task, and these tasks without a job; count what is
-- gone.
-- A row that has moved since somebody looked (at %(seen)s), or that others have locked, stays for now: no lock is
-- waited for, and a job goes whole or not at all.
WITH job AS MATERIALIZED (
    SELECT id FROM pgprocess_job
     WHERE id = ANY (%(jobs)s::bigint[]) AND status <> 'running' AND finished_at <= %(seen)s::timestamptz
     ORDER BY id FOR UPDATE SKIP LOCKED
), task AS MATERIALIZED (
    SELECT id, job_id FROM pgprocess_jobtask
     WHERE job_id = ANY (ARRAY(SELECT id FROM job))
        OR id = ANY (%(tasks)s::bigint[]) AND job_id IS NULL AND finished_at <= %(seen)s::timestamptz
     ORDER BY id FOR UPDATE SKIP LOCKED
), torn AS (
    SELECT job_id FROM pgprocess_jobtask
     WHERE job_id = ANY (ARRAY(SELECT id FROM job)) AND id NOT IN (SELECT id FROM task)
), gone AS (
    DELETE FROM pgprocess_jobtask
     WHERE id = ANY (ARRAY(SELECT id FROM task WHERE job_id IS NULL OR job_id NOT IN (SELECT job_id FROM torn)))
    RETURNING id
), edges AS (
    DELETE FROM pgprocess_jobtaskdependency WHERE parent_id = ANY (ARRAY(SELECT id FROM gone))
), attempts AS (
    DELETE FROM pgprocess_attempt WHERE jobtask_id = ANY (ARRAY(SELECT id FROM gone))
), pieces AS (
    DELETE FROM pgprocess_logchunk WHERE jobtask_id = ANY (ARRAY(SELECT id FROM gone)) RETURNING id
), jobs AS (
    DELETE FROM pgprocess_job
     WHERE id = ANY (ARRAY(SELECT id FROM job WHERE id NOT IN (SELECT job_id FROM torn)))
    RETURNING id
)
SELECT (SELECT count(*) FROM jobs) AS jobs,
       (SELECT count(*) FROM gone) AS tasks,
       (SELECT count(*) FROM pieces) AS pieces

-- Count what prune would delete with these jobs and these tasks without a job.
WITH task AS MATERIALIZED (
    SELECT id FROM pgprocess_jobtask WHERE job_id = ANY (%(jobs)s::bigint[]) OR id = ANY (%(tasks)s::bigint[])
)
SELECT cardinality(%(jobs)s::bigint[]) AS jobs,
       (SELECT count(*) FROM task) AS tasks,
       (SELECT count(*) FROM pgprocess_logchunk WHERE jobtask_id = ANY (ARRAY(SELECT id FROM task))) AS pieces

-- Report how these attempts ended. A claim that is no longer ours gives no row back: its outcome is dropped.
-- The jobs are locked first, as everywhere (see advance), so that completions and verbs don't meet head-on.
WITH done AS (
    SELECT *
      FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[], %(statuses)s::text[], %(exit_codes)s::int[],
                  %(errors)s::text[], %(reasons)s::text[], %(results)s::text[]::jsonb[], %(delays)s::float8[])
           AS done (id, token, status, exit_code, error, reason, result, delay)
), job AS MATERIALIZED (
    SELECT id FROM pgprocess_job
     WHERE id IN (SELECT task.job_id FROM done JOIN pgprocess_jobtask AS task ON task.id = done.id)
     ORDER BY id FOR NO KEY UPDATE
)
UPDATE pgprocess_jobtask AS task
   SET status = done.status, exit_code = done.exit_code, error = done.error, reason = done.reason,
       result = done.result, run_at = now() + make_interval(secs => done.delay)
  FROM done, (SELECT count(*) FROM job) AS locked
 WHERE task.id = done.id AND task.status = 'running' AND task.claim_token = done.token
RETURNING task.id

-- Report how attempts ended. A claim that is no longer this worker's gives no row back: its outcome is dropped. Who
-- holds the token holds the task, since a task that stops running loses it; a look at the status besides would tempt
-- Postgres to begin with all running tasks, and to compare each of them with each of these.
-- The jobs are locked first, as everywhere (see advance), so that completions and verbs don't meet head-on.
WITH done AS (
    SELECT *
      FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[], %(statuses)s::text[], %(exit_codes)s::int[],
                  %(errors)s::text[], %(reasons)s::text[], %(results)s::text[]::jsonb[], %(delays)s::float8[],
                  %(lost)s::boolean[])
           AS done (id, token, status, exit_code, error, reason, result, delay, lost)
), job AS MATERIALIZED (
    SELECT id FROM pgprocess_job
     WHERE id = ANY (ARRAY(SELECT job_id FROM pgprocess_jobtask WHERE id = ANY (%(ids)s::bigint[])))
     ORDER BY id FOR NO KEY UPDATE
)
UPDATE pgprocess_jobtask AS task
   SET status = done.status, exit_code = done.exit_code,
       error = coalesce(done.error, ''), reason = coalesce(done.reason, ''),
       result = done.result, run_at = now() + make_interval(secs => done.delay),
       crashes = CASE WHEN done.lost THEN least(task.crashes, 999999999) + 1 ELSE task.crashes END
  FROM done
 WHERE task.id = done.id AND task.claim_token = done.token AND (SELECT count(*) FROM job) >= 0
RETURNING task.id

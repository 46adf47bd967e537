-- Give the tasks of dead workers back to the queue, without using up an attempt. A task fails only where it has lost
-- %(max_crashes)s workers before, and the one that has died now ran nothing else: never for a neighbour's crash.
-- A worker is dead when it held its session's lock and that lock is free; or when its row (%(silent)s) has not changed
-- for its lease, by the clock of who asks: that of the database may have been set. Who asks says for how long it has
-- itself been in touch without a gap (%(steady)s): after an outage all workers look dead.
-- Jobs are locked first, as everywhere; a row that somebody else has locked, or has completed meanwhile, is left alone.
WITH gone AS MATERIALIZED (
    SELECT id FROM pgprocess_worker
     WHERE state IN ('running', 'stopping')
       AND ((id, last_seen) IN (SELECT * FROM unnest(%(silent)s::bigint[], %(last_seen)s::timestamptz[]))
            OR CASE WHEN session AND %(steady)s >= %(suspicious)s
                     AND last_seen NOT BETWEEN now() - make_interval(secs => %(suspicious)s)
                                           AND now() + make_interval(secs => %(suspicious)s)
                    THEN pg_try_advisory_xact_lock(hashtext('pgprocess_worker'), (id %% 2147483647)::int) END)
     ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
), buried AS (
    UPDATE pgprocess_worker SET state = 'lost' FROM gone WHERE pgprocess_worker.id = gone.id
), alone AS MATERIALIZED (
    SELECT worker_id FROM pgprocess_jobtask
     WHERE status = 'running' AND worker_id IN (SELECT id FROM gone)
     GROUP BY worker_id HAVING count(*) = 1
), candidate AS (
    SELECT task.id, task.job_id, task.claim_token
      FROM pgprocess_jobtask AS task LEFT JOIN pgprocess_worker AS worker ON worker.id = task.worker_id
     WHERE task.status = 'running' AND task.worker_id IS NOT NULL
       AND (worker.id IS NULL OR worker.state IN ('stopped', 'lost') OR worker.id IN (SELECT id FROM gone))
     ORDER BY task.id LIMIT 200
), job AS MATERIALIZED (
    SELECT id FROM pgprocess_job WHERE id IN (SELECT job_id FROM candidate) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
), lost AS MATERIALIZED (
    SELECT task.id
      FROM candidate
      JOIN pgprocess_jobtask AS task ON task.id = candidate.id
     WHERE (candidate.job_id IS NULL OR candidate.job_id IN (SELECT id FROM job))
       AND task.status = 'running' AND task.claim_token IS NOT DISTINCT FROM candidate.claim_token
     ORDER BY task.id FOR NO KEY UPDATE OF task SKIP LOCKED
)
UPDATE pgprocess_jobtask AS task
   SET status = CASE WHEN task.crashes >= %(max_crashes)s AND task.worker_id IN (SELECT worker_id FROM alone)
                     THEN 'failed' ELSE 'ready' END,
       crashes = least(task.crashes, 999999999) + 1,
       error = 'worker lost',
       reason = 'worker lost'
  FROM lost
 WHERE task.id = lost.id
RETURNING task.id

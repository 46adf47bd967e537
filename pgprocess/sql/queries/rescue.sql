-- Tasks of workers that are gone go back to ready, without using up an attempt; the third time they fail.
WITH lost AS MATERIALIZED (
    SELECT task.id
      FROM pgprocess_jobtask AS task LEFT JOIN pgprocess_worker AS worker ON worker.id = task.worker_id
     WHERE task.status = 'running' AND task.worker_id IS NOT NULL
       AND (worker.id IS NULL OR worker.state IN ('stopped', 'lost')
            OR worker.last_seen < now() - make_interval(secs => %(lease)s))
     ORDER BY task.id LIMIT 200 FOR NO KEY UPDATE OF task SKIP LOCKED
)
UPDATE pgprocess_jobtask AS task
   SET status = CASE WHEN task.crashes + 1 < %(max_crashes)s THEN 'ready' ELSE 'failed' END,
       crashes = task.crashes + 1,
       error = 'worker lost',
       reason = 'worker lost'
  FROM lost
 WHERE task.id = lost.id
RETURNING task.id

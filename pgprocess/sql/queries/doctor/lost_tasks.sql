-- Tasks that run for workers that were not seen for longer than a rescue takes, counted by worker.
SELECT coalesce(worker.host || ':' || worker.pid, jobtask.worker_id::text) AS worker,
       count(*) AS tasks, min(jobtask.id) AS first
  FROM pgprocess_jobtask AS jobtask LEFT JOIN pgprocess_worker AS worker ON worker.id = jobtask.worker_id
 WHERE jobtask.status = 'running' AND jobtask.worker_id IS NOT NULL
   AND (worker.id IS NULL OR worker.last_seen < now() - interval '1 minute')
 GROUP BY 1 ORDER BY 3

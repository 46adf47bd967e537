-- Tasks that run for workers that were silent for two leases, counted by worker: a rescue takes one lease and a moment.
SELECT coalesce(worker.host || ':' || worker.pid, jobtask.worker_id::text) AS worker,
       count(*) AS tasks, min(jobtask.id) AS first
  FROM pgprocess_jobtask AS jobtask LEFT JOIN pgprocess_worker AS worker ON worker.id = jobtask.worker_id
 WHERE jobtask.status = 'running' AND jobtask.worker_id IS NOT NULL
   AND (worker.id IS NULL OR pgprocess_silent(worker.last_seen, 2 * worker.lease))
 GROUP BY 1 ORDER BY 3

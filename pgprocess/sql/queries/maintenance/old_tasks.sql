-- A batch of tasks without a job that are of one status and over for that long, the oldest first, from a place on.
SELECT jobtask.id, jobtask.finished_at
  FROM pgprocess_jobtask AS jobtask
 WHERE job_id IS NULL AND status = %(status)s AND finished_at < now() - %(age)s::interval
   AND (finished_at, id) > (%(after)s::timestamptz, %(after_id)s::bigint)
   AND (%(process)s::bigint IS NULL
        OR task_id IN (SELECT id FROM pgprocess_task WHERE process_id = %(process)s::bigint))
 ORDER BY finished_at, id LIMIT %(batch)s

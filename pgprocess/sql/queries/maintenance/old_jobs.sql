-- A batch of jobs of one status that are over for that long, the oldest first, from a place on: about as many rows as
-- asked for, a job counting with its tasks. The newest so many of each process are left out.
WITH old AS (
    SELECT id, finished_at, 1 + tasks_total AS weight
      FROM pgprocess_job AS job
     WHERE status = %(status)s AND status <> 'running' AND finished_at < now() - %(age)s::interval
       AND (finished_at, id) > (%(after)s::timestamptz, %(after_id)s::bigint)
       AND (%(process)s::bigint IS NULL OR process_id = %(process)s::bigint)
       AND (%(keep_last)s::int = 0
            OR (SELECT count(*) FROM (SELECT FROM pgprocess_job AS later
                                       WHERE later.process_id = job.process_id AND later.id > job.id
                                       LIMIT %(keep_last)s::int) AS later) = %(keep_last)s::int)
     ORDER BY finished_at, id LIMIT %(batch)s
), weighed AS (
    SELECT old.*, sum(weight) OVER (ORDER BY finished_at, id) - weight AS before FROM old
)
SELECT id, finished_at FROM weighed WHERE before < %(batch)s ORDER BY finished_at, id

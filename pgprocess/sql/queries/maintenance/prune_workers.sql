-- Delete the workers that were not seen for that long, at least an hour, and that no job task and no attempt names;
-- count them. Without %(really)s they are only counted.
-- No index says who names a worker, on purpose: every claim would pay for it, and a scan is rare.
WITH old AS MATERIALIZED (
    SELECT id FROM pgprocess_worker AS worker
     WHERE last_seen < now() - greatest(%(age)s::interval, interval '1 hour')
       AND NOT EXISTS (SELECT FROM pgprocess_jobtask AS jobtask WHERE jobtask.worker_id = worker.id)
       AND NOT EXISTS (SELECT FROM pgprocess_attempt AS attempt WHERE attempt.worker_id = worker.id)
), gone AS (
    DELETE FROM pgprocess_worker WHERE %(really)s AND id IN (SELECT id FROM old)
)
SELECT count(*) FROM old

-- Make scheduled tasks that are due ready, up to 1,000 at once. Returns how many, and in how many seconds the next one
-- is due: 0 where there may be more now, NULL without any.
WITH due AS MATERIALIZED (
    SELECT id FROM pgprocess_jobtask
     WHERE status = 'scheduled' AND run_at <= now()
     ORDER BY run_at LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED
), promoted AS (
    UPDATE pgprocess_jobtask AS task SET status = 'ready' FROM due WHERE task.id = due.id RETURNING task.id
)
SELECT (SELECT count(*) FROM promoted) AS promoted,
       CASE WHEN (SELECT count(*) FROM promoted) = 1000 THEN 0
            ELSE (SELECT extract(epoch FROM min(run_at) - now())::float8
                    FROM pgprocess_jobtask WHERE status = 'scheduled' AND run_at > now()) END AS next_in

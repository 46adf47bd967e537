-- What was scheduled and is due becomes ready, so many at once; the answer is when the next one will be due.
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

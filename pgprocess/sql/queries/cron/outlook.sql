-- What was scheduled and is due becomes ready, so many at once. The answer is what a cron that has nothing to do must
-- know: the time, and in how many seconds the next slot and the next scheduled task will be due.
WITH due AS MATERIALIZED (
    SELECT id FROM pgprocess_jobtask
     WHERE status = 'scheduled' AND run_at <= now()
     ORDER BY run_at LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED
), promoted AS (
    UPDATE pgprocess_jobtask AS task SET status = 'ready' FROM due WHERE task.id = due.id RETURNING task.id
), clock AS MATERIALIZED (
    SELECT pgprocess_now() AS now
)
SELECT clock.now,
       CASE WHEN EXISTS (SELECT FROM pgprocess_process
                          WHERE is_active AND next_run_at IS NULL
                            AND (minute, hour, day_of_month, month, day_of_week) <> ('', '', '', '', '')) THEN 0
            ELSE (SELECT extract(epoch FROM min(next_run_at) - clock.now)::float8
                    FROM pgprocess_process WHERE is_active) END AS next_slot,
       CASE WHEN (SELECT count(*) FROM promoted) = 1000 THEN 0
            ELSE (SELECT extract(epoch FROM min(run_at) - now())::float8
                    FROM pgprocess_jobtask WHERE status = 'scheduled' AND run_at > now()) END AS next_task
  FROM clock

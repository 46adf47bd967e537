-- What a cron that has nothing to do must know: the time, and in how many seconds the next slot and the next scheduled
-- task will be due; processes that the
-- cron has just passed over are left out. Zero or less: one is due now; NULL: there is none.
WITH clock AS MATERIALIZED (
    SELECT pgprocess_now() AS now
)
SELECT clock.now,
       CASE WHEN EXISTS (SELECT FROM pgprocess_process
                          WHERE is_active AND has_schedule AND next_run_at IS NULL
                            AND id <> ALL (%(passed_over)s::bigint[])) THEN 0
            ELSE (SELECT extract(epoch FROM min(next_run_at) - clock.now)::float8
                    FROM pgprocess_process
                   WHERE is_active AND has_schedule AND id <> ALL (%(passed_over)s::bigint[])) END AS next_slot,
       (SELECT extract(epoch FROM min(run_at) - now())::float8
          FROM pgprocess_jobtask WHERE status = 'scheduled') AS next_task
  FROM clock

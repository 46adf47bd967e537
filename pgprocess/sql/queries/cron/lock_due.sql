-- Lock up to a hundred processes whose slot is due, or whose schedule no cron has looked at yet. Other crons skip them
-- meanwhile.
WITH clock AS MATERIALIZED (
    SELECT pgprocess_now() AS now
)
SELECT id, name, minute, hour, day_of_month, month, day_of_week, timezone, start_at, end_at, jitter, overlap,
       catch_up, misfire_grace, catch_up_limit, next_run_at, scheduled_from, looked_at, last_slot, last_offset,
       (SELECT now FROM clock) AS now
  FROM pgprocess_process
 WHERE is_active AND has_schedule AND (next_run_at <= (SELECT now FROM clock) OR next_run_at IS NULL)
 ORDER BY next_run_at NULLS LAST
 LIMIT 100
   FOR NO KEY UPDATE SKIP LOCKED

-- Processes whose time has come, or whose schedule nobody has looked at yet; other crons skip them meanwhile.
SELECT id, name, minute, hour, day_of_month, month, day_of_week, timezone, catch_up, next_run_at, scheduled_from,
       now() AS now
  FROM pgprocess_process
 WHERE is_active
   AND (next_run_at <= now()
        OR next_run_at IS NULL
           AND (minute, hour, day_of_month, month, day_of_week) <> ('', '', '', '', ''))
 ORDER BY next_run_at NULLS LAST
 LIMIT 100
   FOR NO KEY UPDATE SKIP LOCKED

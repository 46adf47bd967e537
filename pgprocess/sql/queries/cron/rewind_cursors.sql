-- After the clock was set back, let schedules count from now on that were looked at, edited or switched on in what is
-- the future again.
WITH clock AS MATERIALIZED (
    SELECT pgprocess_now() AS now
)
UPDATE pgprocess_process
   SET next_run_at = NULL, looked_at = NULL, last_slot = NULL, last_offset = NULL, scheduled_from = clock.now
  FROM clock
 WHERE is_active AND has_schedule AND greatest(looked_at, scheduled_from) > clock.now + interval '1 s'
RETURNING name

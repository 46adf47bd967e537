-- After the clock was set back, let schedules that were looked at in what is the future again count from now on.
WITH clock AS MATERIALIZED (
    SELECT pgprocess_now() AS now
)
UPDATE pgprocess_process SET next_run_at = NULL, looked_at = NULL, scheduled_from = clock.now
  FROM clock
 WHERE is_active AND looked_at > clock.now + interval '1 s'
RETURNING name

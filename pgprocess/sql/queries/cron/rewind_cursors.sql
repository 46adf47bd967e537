-- After the clock was set back, let schedules count from now on that were looked at in what is the future again, or
-- that were made, edited or switched on there and not looked at yet. A cursor that a person has moved stays.
WITH clock AS MATERIALIZED (
    SELECT pgprocess_now() AS now
)
UPDATE pgprocess_process
   SET next_run_at = NULL, looked_at = NULL, last_slot = NULL, last_offset = NULL, scheduled_from = clock.now
  FROM clock
 WHERE is_active AND has_schedule
   AND (looked_at > clock.now + interval '1 s'
        OR last_slot IS NULL AND least(scheduled_from, next_run_at) > clock.now + interval '1 s')
RETURNING name

-- Return up to a hundred processes in the order of their ids whose next slot a cron has told by the rules of a zone.
-- Another cron's rules, or yours from before an update, may have been other ones.
WITH clock AS MATERIALIZED (
    SELECT pgprocess_now() AS now
)
SELECT id, name, minute, hour, day_of_month, month, day_of_week, timezone, start_at, end_at, jitter, overlap,
       catch_up, misfire_grace, catch_up_limit, next_run_at, scheduled_from, looked_at, last_slot, last_offset,
       (SELECT now FROM clock) AS now
  FROM pgprocess_process
 WHERE id > %(behind)s AND is_active AND has_schedule AND looked_at IS NOT NULL
   AND next_run_at > (SELECT now FROM clock) AND timezone <> 'UTC'
 ORDER BY id LIMIT 100

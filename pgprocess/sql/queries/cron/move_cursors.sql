-- Say when these schedules are to be looked at again, and which slot was the last one that was looked at; the database
-- says at which time. No two looks have the same time, also while the clock stands: so a cron is told from a person.
UPDATE pgprocess_process AS process
   SET next_run_at = cursor.next_run_at,
       looked_at = CASE process.looked_at WHEN clock.now THEN clock.now + interval '1 microsecond' ELSE clock.now END,
       last_slot = coalesce(cursor.last_slot, process.last_slot),
       last_offset = CASE WHEN cursor.last_slot IS NULL THEN process.last_offset ELSE cursor.last_offset END
  FROM unnest(%(processes)s::bigint[], %(next_runs)s::timestamptz[], %(last_slots)s::timestamptz[],
              %(last_offsets)s::int[]) AS cursor (process_id, next_run_at, last_slot, last_offset),
       (SELECT pgprocess_now() AS now) AS clock
 WHERE process.id = cursor.process_id

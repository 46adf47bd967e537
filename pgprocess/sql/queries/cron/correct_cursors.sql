-- Correct when schedules are looked at again, unless somebody has looked at them meanwhile, or does so now.
WITH wrong AS MATERIALIZED (
    SELECT process.id, cursor.next_run_at
      FROM unnest(%(processes)s::bigint[], %(told)s::timestamptz[], %(next_runs)s::timestamptz[])
           AS cursor (process_id, told, next_run_at)
      JOIN pgprocess_process AS process ON process.id = cursor.process_id AND process.next_run_at = cursor.told
     ORDER BY process.id FOR NO KEY UPDATE OF process SKIP LOCKED
)
UPDATE pgprocess_process AS process
   SET next_run_at = wrong.next_run_at,
       looked_at = CASE process.looked_at WHEN clock.now THEN clock.now + interval '1 microsecond' ELSE clock.now END
  FROM wrong, (SELECT pgprocess_now() AS now) AS clock
 WHERE process.id = wrong.id

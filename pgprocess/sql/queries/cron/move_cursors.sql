-- Move the cursors of these schedules to their next slots; the database says at which time.
UPDATE pgprocess_process AS process
   SET next_run_at = cursor.next_run_at, looked_at = pgprocess_now()
  FROM unnest(%(processes)s::bigint[], %(next_runs)s::timestamptz[]) AS cursor (process_id, next_run_at)
 WHERE process.id = cursor.process_id

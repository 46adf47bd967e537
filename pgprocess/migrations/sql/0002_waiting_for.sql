-- Return what a job task waits for, as a key and its arguments; NULL if the task does not wait. To add a reason, name a
-- key here, its English sentence in waiting_because and its translation in pgprocess/admin/jobtask/waiting_because.py.
CREATE OR REPLACE FUNCTION pgprocess_waiting_for(jobtask pgprocess_jobtask)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE
           WHEN jobtask.status = 'awaiting' AND jobtask.parents_left > 0
           THEN jsonb_build_object('key', 'parents', 'parents', pgprocess_parents_open(jobtask.id))
           WHEN jobtask.status = 'awaiting'
           THEN jsonb_build_object('key', 'trigger_rule', 'trigger_rule', jobtask.trigger_rule)
           WHEN jobtask.status = 'scheduled' AND jobtask.run_at = pgprocess_waiting_forever()
           THEN pgprocess_why_buffered(jobtask.job_id)
           WHEN jobtask.status = 'scheduled'
           THEN jsonb_build_object('key', CASE WHEN jobtask.attempt > 0 THEN 'retry' ELSE 'start' END,
                                   'seconds', pgprocess_seconds_until(jobtask.run_at))
           WHEN jobtask.status = 'ready'
           THEN jsonb_build_object('key', CASE WHEN pgprocess_served(jobtask.queue) THEN 'slot' ELSE 'worker' END,
                                   'queue', jobtask.queue)
           END
$$;

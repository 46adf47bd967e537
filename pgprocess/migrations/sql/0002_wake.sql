-- Notify the workers: once for each queue with ready work; without a queue for tasks that are scheduled, so that
-- whoever hears it asks when; and of running tasks that were cancelled.
-- NOTIFY takes a lock on the whole cluster when the transaction commits, so a worker that is about to claim the work
-- itself says in pgprocess.quiet which queues it serves (* for all). NOTIFY is a hint: every waiter also polls.
CREATE OR REPLACE FUNCTION pgprocess_wake(changes pgprocess_change[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    quiet text := coalesce(current_setting('pgprocess.quiet', true), '');
BEGIN
    IF quiet <> '*' THEN
        PERFORM pg_notify('pgprocess', payload)
           FROM (SELECT DISTINCT CASE is_now WHEN 'ready' THEN task.queue ELSE '' END AS payload
                   FROM unnest(changes) AS change JOIN pgprocess_jobtask AS task ON task.id = change.id
                  WHERE change.is_now IN ('ready', 'scheduled') AND task.status = change.is_now
                    AND task.queue <> ALL (string_to_array(quiet, ','))) AS stirred;
    END IF;
    IF EXISTS (SELECT FROM unnest(changes) WHERE was = 'running' AND is_now = 'cancelled') THEN
        PERFORM pg_notify('pgprocess_cancel', '');
    END IF;
END
$$;

-- One row for each queue that has something to do: how much, since when, and who serves it.
-- Each status has an index of its own; asked for all three at once, Postgres would read every task that ever was.
CREATE OR REPLACE VIEW pgprocess_queue_overview AS
SELECT jobtask.queue,
       count(*) FILTER (WHERE jobtask.status = 'ready') AS ready,
       count(*) FILTER (WHERE jobtask.status = 'running') AS running,
       count(*) FILTER (WHERE jobtask.status = 'scheduled') AS scheduled,
       min(jobtask.priority) FILTER (WHERE jobtask.status = 'ready') AS lowest_priority,
       max(jobtask.priority) FILTER (WHERE jobtask.status = 'ready') AS highest_priority,
       min(jobtask.run_at) FILTER (WHERE jobtask.status = 'scheduled'
                                    AND jobtask.run_at < pgprocess_waiting_forever()) AS next_due,
       pgprocess_served(jobtask.queue) AS served
  FROM (SELECT queue, status, priority, run_at FROM pgprocess_jobtask WHERE status = 'ready'
         UNION ALL
        SELECT queue, status, priority, run_at FROM pgprocess_jobtask WHERE status = 'running'
         UNION ALL
        SELECT queue, status, priority, run_at FROM pgprocess_jobtask WHERE status = 'scheduled') AS jobtask
 GROUP BY jobtask.queue;

-- Return the parents that a job task still waits for, oldest first, as an array of {name, number, state}. The state is
-- the parent's status; of a scheduled one turn, or retry or start with seconds. Parents that share name and state, as
-- those of one mapped task do, are counted together.
CREATE OR REPLACE FUNCTION pgprocess_parents_open(jobtask bigint)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH parent AS (
        SELECT task.name, min(parent.id) AS first, count(*) AS number, min(parent.run_at) AS run_at,
               CASE WHEN parent.status <> 'scheduled' THEN parent.status
                    WHEN min(parent.run_at) = pgprocess_waiting_forever() THEN 'turn'
                    WHEN parent.attempt > 0 THEN 'retry'
                    ELSE 'start' END AS state
          FROM pgprocess_jobtaskdependency AS edge
          JOIN pgprocess_jobtask AS parent ON parent.id = edge.parent_id
          JOIN pgprocess_task AS task ON task.id = parent.task_id
         WHERE edge.child_id = jobtask AND pgprocess_status_class(parent.status) = 'open'
         GROUP BY task.name, parent.status, parent.attempt > 0
    )
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                         'name', name, 'number', number, 'state', state,
                         'seconds', CASE WHEN state IN ('retry', 'start') THEN pgprocess_seconds_until(run_at) END))
                     ORDER BY first)
      FROM parent
$$;

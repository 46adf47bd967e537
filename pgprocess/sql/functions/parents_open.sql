-- The parents that a job task still waits for, each with its status, for people:
-- "load_b (running) and load_c (retry in 42 s)"; many of one name and status are counted together.
CREATE OR REPLACE FUNCTION pgprocess_parents_open(jobtask bigint)
RETURNS text LANGUAGE sql STABLE AS $$
    WITH parent AS (
        SELECT task.name, min(parent.id) AS first, count(*) AS number,
               CASE WHEN parent.status = 'scheduled' AND min(parent.run_at) = pgprocess_waiting_forever()
                    THEN 'its job waits for its turn'
                    WHEN parent.status = 'scheduled' AND parent.attempt > 0
                    THEN 'retry in ' || pgprocess_seconds_until(min(parent.run_at))
                    WHEN parent.status = 'scheduled'
                    THEN 'starts in ' || pgprocess_seconds_until(min(parent.run_at))
                    ELSE parent.status END AS state
          FROM pgprocess_jobtaskdependency AS edge
          JOIN pgprocess_jobtask AS parent ON parent.id = edge.parent_id
          JOIN pgprocess_task AS task ON task.id = parent.task_id
         WHERE edge.child_id = jobtask AND pgprocess_status_class(parent.status) = 'open'
         GROUP BY task.name, parent.status, parent.attempt > 0
    ), phrase AS (
        SELECT name || CASE WHEN number > 1 THEN ' ×' || number ELSE '' END || ' (' || state || ')' AS text,
               row_number() OVER (ORDER BY first) AS place, count(*) OVER () AS places
          FROM parent
    )
    SELECT string_agg(CASE WHEN place = 1 THEN '' WHEN place = places THEN ' and ' ELSE ', ' END || text,
                      '' ORDER BY place)
      FROM phrase
$$;

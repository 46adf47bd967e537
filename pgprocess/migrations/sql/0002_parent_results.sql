-- Return the results of a job task's parents by name. A mapped parent gives the list of its items' results, in order;
-- an empty list if there were no items. The parent named left_out is not read: a job task that maps over a list has its
-- item, and the whole list for each item would be too much.
-- Returns one row, for a FROM, where Postgres plans the body together with the statement that asks. The parents are
-- fetched first, by themselves; otherwise all job tasks of their tasks are read on the way.
CREATE OR REPLACE FUNCTION pgprocess_parent_results(jobtask bigint, left_out text DEFAULT '')
RETURNS SETOF jsonb LANGUAGE sql STABLE AS $$
    WITH parent AS MATERIALIZED (
        SELECT task_id, map_index, map_over, result FROM pgprocess_jobtask
         WHERE id = ANY (ARRAY(SELECT parent_id FROM pgprocess_jobtaskdependency WHERE child_id = jobtask))
    )
    SELECT jsonb_object_agg(parent.name, parent.result)
      FROM (SELECT task.name,
                   CASE WHEN bool_or(parent.map_index IS NOT NULL)
                        THEN jsonb_agg(parent.result ORDER BY parent.map_index)
                        WHEN bool_or(parent.map_over <> '') THEN '[]'
                        ELSE (array_agg(parent.result))[1] END AS result
              FROM parent JOIN pgprocess_task AS task ON task.id = parent.task_id
             WHERE task.name <> left_out
             GROUP BY task.name) AS parent
$$;

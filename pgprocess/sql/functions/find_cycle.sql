-- Return the names of one circle among these tasks, as a → b → a; NULL if there is none.
-- Takes away whatever has no parent left, each edge once; what remains holds a circle, which walking up meets.
CREATE OR REPLACE FUNCTION pgprocess_find_cycle(task_ids bigint[])
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    children int[];     -- the places of all children, ordered by their parent's place
    ends int[];         -- where in it the children of a place end
    parents int[];      -- how many parents a place has left
    free int[] := '{}';
    place int := 1;
    walk bigint[];
BEGIN
    WITH node AS (
        SELECT id, ordinality::int AS place FROM unnest(task_ids) WITH ORDINALITY AS node (id)
    ), edge AS (
        SELECT parent.place AS parent, child.place AS child
          FROM pgprocess_taskdependency AS edge
          JOIN node AS parent ON parent.id = edge.parent_id
          JOIN node AS child ON child.id = edge.task_id
    )
    SELECT (SELECT array_agg(child ORDER BY parent) FROM edge),
           array_agg(ends_at ORDER BY size.place), array_agg(above ORDER BY size.place)
      INTO children, ends, parents
      FROM (SELECT node.place, sum(coalesce(below, 0)) OVER (ORDER BY node.place)::int AS ends_at,
                   coalesce(above, 0)::int AS above
              FROM node
              LEFT JOIN (SELECT parent AS place, count(*) AS below FROM edge GROUP BY parent) AS down USING (place)
              LEFT JOIN (SELECT child AS place, count(*) AS above FROM edge GROUP BY child) AS up USING (place)
           ) AS size;

    FOR i IN 1 .. cardinality(parents) LOOP
        IF parents[i] = 0 THEN free := free || i; END IF;
    END LOOP;
    FOR i IN 1 .. cardinality(parents) LOOP
        EXIT WHEN i > cardinality(free);
        place := free[i];
        FOR j IN coalesce(ends[place - 1], 0) + 1 .. ends[place] LOOP
            parents[children[j]] := parents[children[j]] - 1;
            IF parents[children[j]] = 0 THEN free := free || children[j]; END IF;
        END LOOP;
    END LOOP;
    IF cardinality(free) = cardinality(task_ids) THEN
        RETURN NULL;
    END IF;

    task_ids := ARRAY(SELECT id FROM unnest(task_ids, parents) AS node (id, left_over) WHERE left_over > 0);
    walk := task_ids[1:1];
    LOOP
        walk := (SELECT parent_id FROM pgprocess_taskdependency
                  WHERE task_id = walk[1] AND parent_id = ANY (task_ids) ORDER BY parent_id LIMIT 1) || walk;
        EXIT WHEN walk[1] = ANY (walk[2:]);
    END LOOP;
    RETURN (SELECT string_agg(task.name, ' → ' ORDER BY step.ordinality)
              FROM unnest(walk[: array_position(walk[2:], walk[1]) + 1]) WITH ORDINALITY AS step (id)
              JOIN pgprocess_task AS task ON task.id = step.id);
END
$$;

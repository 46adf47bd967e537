-- Refuse an edge that leaves its process or closes a circle.
-- Two writers of one process take turns, else each could add half of a circle that the other can't see. The UPDATE,
-- which changes nothing, makes that true for a transaction with an old snapshot too: it fails to serialize.
-- A circle lies wholly below the new edges; only if one of them starts there as well is it worth a closer look.
CREATE OR REPLACE FUNCTION pgprocess_refuse_cycle(edge_ids bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    processes bigint[] := ARRAY(
        SELECT DISTINCT task.process_id
          FROM pgprocess_taskdependency AS edge JOIN pgprocess_task AS task ON task.id = edge.task_id
         WHERE edge.id = ANY (edge_ids));
    below bigint[];
    circle text;
BEGIN
    PERFORM FROM pgprocess_process WHERE id = ANY (processes) ORDER BY id FOR NO KEY UPDATE;
    UPDATE pgprocess_process SET name = name WHERE id = ANY (processes);
    IF EXISTS (SELECT FROM pgprocess_taskdependency AS edge
                 JOIN pgprocess_task AS parent ON parent.id = edge.parent_id
                 JOIN pgprocess_task AS child ON child.id = edge.task_id
                WHERE edge.id = ANY (edge_ids) AND parent.process_id <> child.process_id) THEN
        RAISE EXCEPTION 'both tasks of a dependency belong to one process' USING ERRCODE = 'check_violation';
    END IF;

    below := ARRAY(
        WITH RECURSIVE below (id) AS (
            SELECT task_id FROM pgprocess_taskdependency WHERE id = ANY (edge_ids)
             UNION
            SELECT edge.task_id FROM below JOIN pgprocess_taskdependency AS edge ON edge.parent_id = below.id
        )
        SELECT id FROM below);
    IF EXISTS (SELECT FROM pgprocess_taskdependency WHERE id = ANY (edge_ids) AND parent_id = ANY (below)) THEN
        circle := pgprocess_find_cycle(below);
        IF circle IS NOT NULL THEN
            RAISE EXCEPTION 'these dependencies close a circle: %', circle USING ERRCODE = 'check_violation';
        END IF;
    END IF;
END
$$;

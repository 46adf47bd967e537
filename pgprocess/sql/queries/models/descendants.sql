-- Everything below these job tasks, each once, whatever the number of paths.
WITH RECURSIVE below (id) AS (
    SELECT child_id FROM pgprocess_jobtaskdependency WHERE parent_id = ANY (%(ids)s)
     UNION
    SELECT edge.child_id FROM below JOIN pgprocess_jobtaskdependency AS edge ON edge.parent_id = below.id
)
SELECT id FROM below ORDER BY id

-- Count the parents of a job's tasks anew: one that is gone and had not settled counts as cancelled for its children.
CREATE OR REPLACE FUNCTION pgprocess_recount_parents(job bigint)
RETURNS void LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off AS $$
DECLARE
    mapping pgprocess_change[];
BEGIN
    WITH parents AS MATERIALIZED (
        SELECT child.id,
               count(parent.id)::int AS total,
               count(parent.id) FILTER (WHERE pgprocess_status_class(parent.status) = 'open')::int AS unsettled,
               count(parent.id) FILTER (WHERE pgprocess_status_class(parent.status) = 'failed')::int AS failed,
               count(parent.id) FILTER (WHERE parent.status = 'skipped')::int AS skipped
          FROM pgprocess_jobtask AS child
          LEFT JOIN pgprocess_jobtaskdependency AS edge ON edge.child_id = child.id
          LEFT JOIN pgprocess_jobtask AS parent ON parent.id = edge.parent_id
         WHERE child.job_id = job
         GROUP BY child.id
    ), recounted AS (
        UPDATE pgprocess_jobtask AS child
           SET parents_total = parents.total, parents_left = parents.unsettled,
               parents_failed = parents.failed, parents_skipped = parents.skipped,
               status = CASE WHEN child.status = 'awaiting' THEN becomes.status ELSE child.status END,
               error = CASE WHEN child.status = 'awaiting' AND becomes.status = 'upstream_failed'
                            THEN 'a task that it waited for was deleted' ELSE child.error END
          FROM parents JOIN pgprocess_jobtask AS was USING (id)
         CROSS JOIN LATERAL (
               SELECT pgprocess_next_status(
                          was.trigger_rule, was.map_over, was.run_at, was.parents_total, parents.unsettled,
                          parents.failed + greatest(was.parents_left - parents.unsettled, 0), parents.skipped)
               ) AS becomes (status)
         WHERE child.id = parents.id
           AND (was.parents_total, was.parents_left, was.parents_failed, was.parents_skipped)
            <> (parents.total, parents.unsettled, parents.failed, parents.skipped)
        RETURNING child.id, child.status, child.map_over, child.job_id
    )
    SELECT array_agg(ROW(id, status, status, job_id)::pgprocess_change) INTO mapping
      FROM recounted WHERE status = 'awaiting' AND map_over <> '';
    IF mapping IS NOT NULL THEN
        PERFORM pgprocess_advance(mapping);
    END IF;
END
$$;

-- Let the tasks that ran, or were given up, because of a task that changed its mind wait again.
-- A retry, a force and a skip undo the failures that they caused below, as far as upstream_failed reaches. A reopen
-- sends back every descendant, once, whatever the number of paths; a descendant that runs is cancelled first.
-- A task that is said to be upstream_failed as it was has lost a parent that failed: that is undone as by a retry.
CREATE OR REPLACE FUNCTION pgprocess_send_back(changes pgprocess_change[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    mended bigint[] := ARRAY(
        SELECT id FROM unnest(changes)
         WHERE (was = 'failed' AND is_now = 'ready')
            OR (pgprocess_status_class(was) = 'failed' AND is_now IN ('forced', 'skipped')));
    reopened bigint[] := ARRAY(
        SELECT id FROM unnest(changes)
         WHERE (was <> 'failed' AND pgprocess_status_class(was) <> 'open' AND is_now = 'ready')
            OR (pgprocess_status_class(was) <> 'open' AND is_now = 'awaiting'));
BEGIN
    mended := mended || ARRAY(
        SELECT id FROM pgprocess_jobtask
         WHERE id = ANY (ARRAY(SELECT id FROM unnest(changes) WHERE was = is_now AND was = 'upstream_failed'))
           AND status = 'upstream_failed');
    IF mended <> '{}' THEN
        WITH RECURSIVE below (id) AS (
            SELECT unnest(mended)
             UNION
            SELECT edge.child_id
              FROM below
              JOIN pgprocess_jobtaskdependency AS edge ON edge.parent_id = below.id
              JOIN pgprocess_jobtask AS child ON child.id = edge.child_id
             WHERE child.status = 'upstream_failed'
        )
        UPDATE pgprocess_jobtask SET status = 'awaiting'
         WHERE id IN (SELECT id FROM below) AND status = 'upstream_failed';
    END IF;
    IF reopened <> '{}' THEN
        DECLARE
            descendants bigint[] := ARRAY(
                WITH RECURSIVE below (id) AS (
                    SELECT child_id FROM pgprocess_jobtaskdependency WHERE parent_id = ANY (reopened)
                     UNION
                    SELECT edge.child_id
                      FROM below JOIN pgprocess_jobtaskdependency AS edge ON edge.parent_id = below.id
                )
                SELECT id FROM below);
        BEGIN
            UPDATE pgprocess_jobtask SET status = 'cancelled', reason = 'cancelled: a task above was reopened'
             WHERE id = ANY (descendants) AND pgprocess_status_class(status) = 'open' AND status <> 'awaiting';
            UPDATE pgprocess_jobtask SET status = 'awaiting', reason = 'a task above was reopened'
             WHERE id = ANY (descendants) AND status <> 'awaiting';
        END;
    END IF;
END
$$;

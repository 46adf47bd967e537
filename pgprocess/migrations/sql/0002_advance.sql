-- Settle the children of job tasks whose status changed, end their jobs, wake the workers; in that order. A chain of
-- any length is a loop here, never a pile of triggers.
--
-- One lock order everywhere: jobs by id, then their tasks. Nobody else moves within these jobs meanwhile, and parents
-- that finish together queue up. The UPDATEs made here fire the trigger again: while pgprocess.changes is set, a call
-- only notes its changes there, and the outermost call goes round until nothing is left. A change from a status to
-- itself asks to look at that task again.
--
-- Planned with the recipe ROW BY ROW, which holds for every rule that is called from here.
CREATE OR REPLACE FUNCTION pgprocess_advance(changes pgprocess_change[])
RETURNS void LANGUAGE plpgsql
SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    noted text := current_setting('pgprocess.changes', true);
    all_changes pgprocess_change[] := '{}';
    counts boolean;
    comes_back boolean;
BEGIN
    IF noted <> '' THEN
        noted := set_config('pgprocess.changes', (noted::pgprocess_change[] || changes)::text, true);
        RETURN;
    END IF;

    PERFORM FROM pgprocess_job
      WHERE id = ANY (ARRAY(SELECT job_id FROM unnest(changes)
                             WHERE pgprocess_status_class(was) <> pgprocess_status_class(is_now)))
      ORDER BY id FOR NO KEY UPDATE;
    LOOP
        noted := set_config('pgprocess.changes', '{}', true);
        SELECT bool_or(pgprocess_status_class(was) <> pgprocess_status_class(is_now) OR is_now = 'awaiting'),
               bool_or(pgprocess_status_class(was) <> 'open')
          INTO counts, comes_back
          FROM unnest(changes);
        IF comes_back THEN
            PERFORM pgprocess_send_back(changes);
            changes := changes || current_setting('pgprocess.changes')::pgprocess_change[];
            noted := set_config('pgprocess.changes', '{}', true);
        END IF;
        IF counts THEN
            PERFORM pgprocess_settle(changes);
        END IF;
        all_changes := all_changes || changes;
        changes := current_setting('pgprocess.changes')::pgprocess_change[];
        IF changes = '{}' OR cardinality(all_changes) > 1000 THEN
            noted := set_config('pgprocess.changes', '{}', true);
            PERFORM pgprocess_finish_jobs(all_changes), pgprocess_wake(all_changes);
            all_changes := '{}';
            changes := changes || current_setting('pgprocess.changes')::pgprocess_change[];
        END IF;
        EXIT WHEN changes = '{}';
    END LOOP;
    noted := set_config('pgprocess.changes', '', true);
END
$$;

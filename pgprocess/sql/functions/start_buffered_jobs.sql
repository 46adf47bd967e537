-- Start the next jobs of a line, as many as have room: of a process one at a time, in the order of their slots, while
-- the process is active or its schedule has ended; of a backfill as many at once as its concurrency says. A job that
-- does not run after all makes room for the next one.
--
-- Whoever ends a job of the line, or adds one, holds the process meanwhile, so that none of them misses what the others
-- do. A job that somebody else has locked is passed over, so that nobody waits for a job while holding the process.
-- Planned with the recipe INDEXES ONLY, and anew for each call, since lines differ in length.
CREATE OR REPLACE FUNCTION pgprocess_start_buffered_jobs(process bigint, line bigint)
RETURNS void LANGUAGE plpgsql
SET jit = off SET plan_cache_mode = force_custom_plan SET enable_seqscan = off AS $$
DECLARE
    room int;
BEGIN
    IF NOT EXISTS (SELECT FROM pgprocess_job WHERE process_id = process AND buffered)
       AND NOT EXISTS (SELECT FROM pgprocess_process
                        WHERE id = process AND overlap IN ('buffer_one', 'buffer_all', 'cancel_running')) THEN
        RETURN;
    END IF;
    PERFORM FROM pgprocess_process WHERE id = process FOR NO KEY UPDATE;
    LOOP
        room := CASE WHEN line IS NULL THEN (SELECT (row.is_active OR pgprocess_has_ended(row))::int
                                           FROM pgprocess_process AS row WHERE row.id = process)
                     ELSE (SELECT concurrency FROM pgprocess_backfill WHERE id = line) END
              - (SELECT count(*) FROM pgprocess_job
                  WHERE process_id = process AND status = 'running' AND NOT buffered
                    AND (backfill_id = line OR line IS NULL AND backfill_id IS NULL));
        WITH next AS MATERIALIZED (
            SELECT id FROM pgprocess_job
             WHERE process_id = process AND buffered
               AND (backfill_id = line OR line IS NULL AND backfill_id IS NULL)
             ORDER BY logical_date, id LIMIT greatest(room, 0) FOR NO KEY UPDATE SKIP LOCKED
        )
        UPDATE pgprocess_job AS job SET buffered = false FROM next WHERE job.id = next.id;
        EXIT WHEN NOT FOUND;
    END LOOP;
END
$$;

-- Return why a buffered job waits, as a key and its arguments: backfill (id, concurrency), paused, jobs (ids, and how
-- many more) or turn. NULL if the job is not buffered.
CREATE OR REPLACE FUNCTION pgprocess_why_buffered(job bigint)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE
           WHEN waiting.backfill_id IS NOT NULL
           THEN jsonb_build_object(
                    'key', 'backfill', 'backfill', waiting.backfill_id,
                    'concurrency', (SELECT concurrency FROM pgprocess_backfill WHERE id = waiting.backfill_id))
           WHEN NOT process.is_active AND NOT pgprocess_has_ended(process) THEN jsonb_build_object('key', 'paused')
           WHEN ahead.jobs IS NULL THEN jsonb_build_object('key', 'turn')
           ELSE jsonb_build_object('key', 'jobs', 'jobs', ahead.jobs, 'more', ahead.more) END
      FROM pgprocess_job AS waiting
      JOIN pgprocess_process AS process ON process.id = waiting.process_id
     CROSS JOIN LATERAL (
           SELECT jsonb_agg(id ORDER BY id) AS jobs, max(others) - count(*) AS more
             FROM (SELECT other.id, count(*) OVER () AS others
                     FROM pgprocess_job AS other
                    WHERE other.process_id = waiting.process_id AND other.status = 'running'
                      AND other.backfill_id IS NULL
                      AND (NOT other.buffered OR (other.logical_date, other.id) < (waiting.logical_date, waiting.id))
                    ORDER BY other.buffered, other.id LIMIT 2) AS first) AS ahead
     WHERE waiting.id = job AND waiting.buffered
$$;

-- Why a job that is not in its turn yet waits, for people: "waits for job 7", "waits until its process is resumed".
CREATE OR REPLACE FUNCTION pgprocess_why_buffered(job bigint)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
           WHEN waiting.backfill_id IS NOT NULL
           THEN 'waits for its turn in backfill ' || waiting.backfill_id || ', which runs '
                || (SELECT concurrency FROM pgprocess_backfill WHERE id = waiting.backfill_id) || ' at once'
           WHEN NOT process.is_active THEN 'waits until its process is resumed'
           ELSE 'waits for ' || coalesce(ahead.jobs, 'its turn') END
      FROM pgprocess_job AS waiting
      JOIN pgprocess_process AS process ON process.id = waiting.process_id
     CROSS JOIN LATERAL (
           SELECT string_agg('job ' || id, ' and ' ORDER BY id)
                  || CASE WHEN max(others) > 2 THEN ' and ' || max(others) - 2 || ' more' ELSE '' END AS jobs
             FROM (SELECT other.id, count(*) OVER () AS others
                     FROM pgprocess_job AS other
                    WHERE other.process_id = waiting.process_id AND other.status = 'running'
                      AND other.backfill_id IS NULL
                      AND (NOT other.buffered OR (other.logical_date, other.id) < (waiting.logical_date, waiting.id))
                    ORDER BY other.buffered, other.id LIMIT 2) AS first) AS ahead
     WHERE waiting.id = job AND waiting.buffered
$$;

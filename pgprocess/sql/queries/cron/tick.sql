-- Turn slots into jobs: exactly one each, since (process, logical_date) is unique. A slot that was missed, or that the
-- overlap policy leaves out, becomes a skipped job with the reason.
-- A job that may wait for its turn is buffered, and a rule starts the first one if nothing of its process runs. Where
-- slots are lost there is one alert a process.
WITH slot AS (
    SELECT slot.*, process.overlap,
           row_number() OVER (PARTITION BY slot.process_id, slot.reason = '' ORDER BY slot.at) AS place,
           count(*) OVER (PARTITION BY slot.process_id, slot.reason = '') AS places
      FROM unnest(%(processes)s::bigint[], %(slots)s::timestamptz[], %(run_ats)s::timestamptz[], %(reasons)s::text[],
                  %(lost)s::bool[]) AS slot (process_id, at, run_at, reason, lost)
      JOIN pgprocess_process AS process ON process.id = slot.process_id
     WHERE NOT EXISTS (SELECT FROM pgprocess_job AS job
                        WHERE job.process_id = slot.process_id AND job.logical_date = slot.at)
), tick AS (
    SELECT slot.*,
           CASE slot.reason WHEN ''
                THEN pgprocess_overlap_decision(slot.overlap, busy.job, busy.waiting, slot.place, slot.places)
                ELSE slot.reason END AS skipped
      FROM slot
      LEFT JOIN LATERAL (SELECT min(id) AS job, min(id) FILTER (WHERE buffered) AS waiting
                           FROM pgprocess_job AS job
                          WHERE job.process_id = slot.process_id AND job.status = 'running'
                            AND job.backfill_id IS NULL) AS busy ON true
), made AS (
    INSERT INTO pgprocess_job (process_id, logical_date, run_at, origin, status, reason, buffered)
    SELECT process_id, at, CASE WHEN skipped = '' THEN run_at END, 'schedule',
           CASE skipped WHEN '' THEN 'running' ELSE 'skipped' END, skipped,
           skipped = '' AND overlap IN ('buffer_one', 'buffer_all', 'cancel_running')
      FROM tick
     ORDER BY at, process_id
        ON CONFLICT (process_id, logical_date) DO NOTHING
    RETURNING id, process_id, logical_date, status, reason
), alert AS (
    INSERT INTO pgprocess_alert (process_id, job_id, kind)
    SELECT made.process_id, max(made.id), 'missed'
      FROM made JOIN tick ON tick.process_id = made.process_id AND tick.at = made.logical_date
     WHERE tick.lost
     GROUP BY made.process_id
)
SELECT id, process_id, logical_date, status, reason FROM made ORDER BY id

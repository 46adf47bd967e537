-- One row for each job task, by name, with why it waits if it does: as a sentence, and as a key with arguments.
CREATE OR REPLACE VIEW pgprocess_jobtask_overview AS
SELECT jobtask.id,
       jobtask.job_id,
       process.name AS process,
       task.name AS task,
       jobtask.map_index,
       version.kind,
       jobtask.status,
       CASE WHEN jobtask.status IN ('awaiting', 'scheduled', 'ready')
            THEN pgprocess_waiting_because(pgprocess_waiting_for(jobtask)) END AS waiting_because,
       jobtask.queue,
       jobtask.priority,
       jobtask.trigger_rule,
       jobtask.parents_left,
       jobtask.attempt,
       version.max_attempts,
       version.number AS version,
       CASE WHEN worker.id IS NOT NULL THEN worker.host || ':' || worker.pid END AS worker,
       jobtask.run_at,
       jobtask.started_at,
       jobtask.finished_at,
       coalesce(jobtask.finished_at, now()) - jobtask.started_at AS duration,
       jobtask.exit_code,
       jobtask.error,
       jobtask.reason,
       jobtask.actor,
       pgprocess_waiting_for(jobtask) AS waiting_for
  FROM pgprocess_jobtask AS jobtask
  JOIN pgprocess_task AS task ON task.id = jobtask.task_id
  JOIN pgprocess_process AS process ON process.id = task.process_id
  JOIN pgprocess_taskversion AS version ON version.id = jobtask.version_id
  LEFT JOIN pgprocess_worker AS worker ON worker.id = jobtask.worker_id;

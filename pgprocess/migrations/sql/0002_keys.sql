-- One foreign key for two columns, which Django can't declare: a job task's version is one of its task.
-- A key each would look up both for every row, which is a tenth of what it costs to insert one.
ALTER TABLE pgprocess_jobtask
  ADD CONSTRAINT pgprocess_jobtask_version_of_task FOREIGN KEY (task_id, version_id)
      REFERENCES pgprocess_taskversion (task_id, id) DEFERRABLE INITIALLY DEFERRED;

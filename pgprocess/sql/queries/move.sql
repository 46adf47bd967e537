-- The cursor of a schedule moves on.
UPDATE pgprocess_process SET next_run_at = %(next_run)s WHERE id = %(process)s

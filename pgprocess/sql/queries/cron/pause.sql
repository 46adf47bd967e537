-- A schedule that can't be read, or has ended, pauses its process, with the reason; the others go on.
UPDATE pgprocess_process SET is_active = false, paused_reason = %(reason)s, paused_by = '' WHERE id = %(process)s

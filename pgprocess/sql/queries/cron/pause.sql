-- Pause a process whose schedule can't be read, or has ended, with the reason; the other processes go on.
UPDATE pgprocess_process SET is_active = false, paused_reason = %(reason)s, paused_by = '' WHERE id = %(process)s

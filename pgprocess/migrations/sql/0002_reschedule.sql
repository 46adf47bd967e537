-- Let a schedule that was edited or switched on count from now on: no sudden run for a slot that passed.
CREATE OR REPLACE FUNCTION pgprocess_reschedule(process pgprocess_process)
RETURNS pgprocess_process LANGUAGE plpgsql AS $$
BEGIN
    process.next_run_at := NULL;
    process.looked_at := NULL;
    process.last_slot := NULL;
    process.last_offset := NULL;
    process.scheduled_from := pgprocess_now();
    IF process.is_active THEN
        process.paused_reason := '';
        process.paused_by := '';
    END IF;
    PERFORM pg_notify('pgprocess_cron', '');
    RETURN process;
END
$$;

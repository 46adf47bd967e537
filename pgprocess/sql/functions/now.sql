-- Return the time by which everything about schedules goes: the database's clock, and nobody else's.
-- Whoever replaces this function moves the time for all crons and rules at once.
CREATE OR REPLACE FUNCTION pgprocess_now()
RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    SELECT clock_timestamp()
$$;

-- Let the right to read a view be enough: what the views ask of tables by these functions is asked as their owner, who
-- looks in this schema only. A migration that replaces one of them runs this again.
DO $$
DECLARE
    rule regprocedure;
BEGIN
    FOR rule IN
        SELECT oid FROM pg_proc
         WHERE pronamespace = current_schema()::regnamespace
           AND proname IN ('pgprocess_waiting_for', 'pgprocess_why_buffered', 'pgprocess_parents_open',
                           'pgprocess_served')
    LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %I, pg_temp', rule, current_schema());
    END LOOP;
END
$$;

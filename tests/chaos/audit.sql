-- Every change of a job task's status, in the order of its rows' locks: who may follow whom is judged from this,
-- not from what our own rules keep. The token is that of the claim that the change begins or ends.
CREATE TABLE chaos_audit (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    jobtask_id bigint NOT NULL,
    was text NOT NULL,
    is_now text NOT NULL,
    attempt int NOT NULL,
    tries int NOT NULL,
    token uuid,
    worker_id bigint
);

CREATE FUNCTION chaos_audit()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO chaos_audit (at, jobtask_id, was, is_now, attempt, tries, token, worker_id)
    VALUES (clock_timestamp(), NEW.id, OLD.status, NEW.status, NEW.attempt, NEW.attempt - NEW.free_attempts,
            coalesce(NEW.claim_token, OLD.claim_token), coalesce(NEW.worker_id, OLD.worker_id));
    RETURN NULL;
END
$$;

CREATE TRIGGER chaos_audit
    AFTER UPDATE ON pgprocess_jobtask FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION chaos_audit();

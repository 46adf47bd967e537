-- Return whether a live worker takes work from this queue. One that is stopping takes none.
CREATE OR REPLACE FUNCTION pgprocess_served(queue text)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pgprocess_worker AS worker
                    WHERE worker.state = 'running' AND NOT pgprocess_silent(worker.last_seen, worker.lease)
                      AND (worker.queues = '' OR queue = ANY (string_to_array(worker.queues, ',')))
                      AND queue <> ALL (string_to_array(worker.excluded_queues, ',')))
$$;

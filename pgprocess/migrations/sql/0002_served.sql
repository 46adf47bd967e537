-- Whether a worker that is alive takes work from this queue.
CREATE OR REPLACE FUNCTION pgprocess_served(queue text)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pgprocess_worker AS worker
                    WHERE worker.state = 'running' AND worker.last_seen > now() - interval '30 s'
                      AND (worker.queues = '' OR queue = ANY (string_to_array(worker.queues, ',')))
                      AND queue <> ALL (string_to_array(worker.excluded_queues, ',')))
$$;

-- The ids of all processes, for looking at each by itself.
SELECT id FROM pgprocess_process ORDER BY id

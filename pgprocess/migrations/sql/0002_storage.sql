-- How the hot tables are stored and vacuumed; docs/capacity.md has the figures, `make bench-storage` measures anew.
-- Room on the pages, so that most updates stay on the page of their row: less log, in exchange for some disk.
-- Vacuum by share and not by number, since each visit reads all indexes; and no truncation, which locks everybody out.
ALTER TABLE pgprocess_jobtask SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, vacuum_truncate = off);
ALTER TABLE pgprocess_job SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, vacuum_truncate = off);
ALTER TABLE pgprocess_worker SET (fillfactor = 50);

"""When a process runs: fields, instants, changes of the clocks, missed slots, words. No database, no settings."""

"""The pages of definitions: of processes, their tasks and the versions of these."""

"""The output of tasks: captured from Python code, and buffered on its way to the database."""

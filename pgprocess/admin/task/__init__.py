"""The pages of a task: its form, its code, its versions."""

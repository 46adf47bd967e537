"""An app of the project that the tests are: its commands are tasks."""

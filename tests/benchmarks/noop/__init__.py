"""An app whose tasks do nothing."""

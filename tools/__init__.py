"""Tools for those who work on pgprocess; they are not part of the package."""

"""The looks of facts, whatever page shows them: a status, a length of time, a text, a link, a masked value."""

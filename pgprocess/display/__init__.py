"""How a fact looks, whatever page shows it: a status, a length of time, a text, a link, a masked value."""

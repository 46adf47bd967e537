"""Charts as plain geometry: figures in, coordinates and labels out; the templates write the SVG."""

"""Reports: what people take away, and the file formats it takes."""

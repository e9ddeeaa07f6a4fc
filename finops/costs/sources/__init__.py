"""Where costs come from: one module per kind of source, its columns as data."""

"""Parts the pages share: frame, filters, charts, tables, numbers, provenance."""

"""Tables, charts and figures that several reports share, one module a topic."""

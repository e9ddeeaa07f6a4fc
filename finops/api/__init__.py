"""The JSON API: what pages show, for programs. Presentation only; every figure comes from the facade."""

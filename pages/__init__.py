"""What people see: one file per page, presentation only; every figure comes from the facade."""

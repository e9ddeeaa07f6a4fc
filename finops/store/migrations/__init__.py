"""Schema migrations, shipped with the package and run by `finops.store.upgrade`."""

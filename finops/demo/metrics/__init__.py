"""What CloudWatch has measured of the made-up population: a pure function of resource, metric and day."""

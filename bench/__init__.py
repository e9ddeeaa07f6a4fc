"""Benchmarks: ratios against a named peer or limit in the same run, never timed tests."""

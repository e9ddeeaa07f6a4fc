"""The service package behind the pages, the API, the command line and the jobs."""

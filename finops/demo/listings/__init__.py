"""What AWS's list and describe operations answer about the made-up population, service by service.

One declaration per operation; `finops.demo.listings.grammar` pages them all.
"""

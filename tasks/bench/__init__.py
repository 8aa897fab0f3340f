"""Benchmarks that run the peer beside us, in the same process run, and print the ratio."""

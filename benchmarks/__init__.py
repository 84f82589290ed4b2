"""Benchmarks: plain scripts with a JSON result, judged by ratios within one run."""

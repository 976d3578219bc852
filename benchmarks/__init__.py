"""Figures of speed and weight, printed by `make bench`; what they mean stands in docs/performance.md.

Each figure stands beside a limit of our own: the least that could do a part of the same work. Both are
measured in turn, so that a machine that grows slower meanwhile slows both.
"""

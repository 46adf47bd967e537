"""What stays as fast beside ten million finished tasks, and what does not? ``make bench-growth`` answers.

Each size is a history of its own, of ninety days, with the same live work beside it; everything that workers, crons and
people do is timed there. The raw figures stay in ``.bench/growth.json``; the tables of docs/capacity.md are drawn from
them.
"""

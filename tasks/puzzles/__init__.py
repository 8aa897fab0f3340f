"""The relational denoiser of puzzles: made puzzles to learn from, its training, and what it is worth with rules and without."""

"""Audio: clips from files, and their spectrograms."""

"""The report: one HTML file that says all that is known of a run, opened anywhere, offline."""

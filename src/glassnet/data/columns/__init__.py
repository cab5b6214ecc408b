"""Columns of tables: their types, and the features they become."""

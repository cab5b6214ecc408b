"""Reading .keras files as data: nothing named in a file is looked up, imported or executed."""

"""Reading .keras files as data: nothing in a file is looked up, imported or executed."""

"""Other libraries' formats and models: Keras here; one folder for each library."""

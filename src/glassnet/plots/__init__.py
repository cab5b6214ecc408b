"""Pictures, drawn with matplotlib in one house style. Each is a function on arrays."""

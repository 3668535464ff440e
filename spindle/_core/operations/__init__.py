"""What a spindle may await: operations as values, and the functions that make them."""

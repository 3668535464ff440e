"""What must hold of every page: during a run, after each step; at its end; and of its ending."""

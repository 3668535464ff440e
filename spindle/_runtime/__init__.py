"""Pages on trio: the page machine, and the two ways of running its spindles."""

"""The command line tool: what stands in a store, and whether today's code goes on with it."""

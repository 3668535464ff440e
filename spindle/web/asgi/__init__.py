"""The pages as an ASGI application: for servers that are there already, if they run on trio."""

"""One browser's socket: the wire protocol, the session, the transports."""

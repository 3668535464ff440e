"""What each operation does, whoever drives the coroutine that awaits it; a file a subject."""

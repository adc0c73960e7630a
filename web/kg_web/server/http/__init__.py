"""From a socket's bytes to a request, and from an answer to bytes: the one door in each server process."""

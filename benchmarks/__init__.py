"""Measuring the whole; each module is one command."""

"""What a dataset.ttl and shapes would say, found in the files themselves."""

"""From what the engine gave back to the statements they rest on, and to those that rules had them from."""

"""What commands share: reading what they are given, bars, examples in their help."""

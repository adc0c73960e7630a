"""What a build adds to what was stated: what rules infer, names in other scripts, what graphs rest on."""

"""Names as people type and say them: in one form, in units of sound, and how alike they are."""

"""How pages say things: languages, words, filters and functions of templates."""

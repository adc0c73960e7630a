"""How answers reach their readers: addresses, formats, headers, and pages that are kept."""

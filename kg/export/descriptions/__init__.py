"""The dataset as others describe datasets: DCAT-AP and VoID, schema.org, RO-Crate."""

# Lifts added to old buildings, asked over HTTP with base R alone: Rscript lifts-by-year.R [address] [file.pdf]
# The address is that of a running server (kg serve).
given <- commandArgs(trailingOnly = TRUE)
address <- if (length(given) > 0) given[1] else "http://127.0.0.1:8000"
file <- if (length(given) > 1) given[2] else "lifts-by-year.pdf"

query <- '
PREFIX linli: <https://w3id.org/linli/ontology/>
PREFIX quantity: <https://w3id.org/linli/vocabulary/quantity/>
SELECT ?year ?lifts {
  ?m linli:hasQuantity quantity:lifts ; linli:value ?lifts ; linli:date|linli:endDate ?date .
  BIND(SUBSTR(STR(?date), 1, 4) AS ?year)
} ORDER BY ?year'

rows <- read.csv(paste0(address, "/result.csv?query=", URLencode(query, reserved = TRUE)))
most <- tapply(rows$lifts, rows$year, max)
print(most)
pdf(file, width = 8, height = 4)
barplot(most, ylab = "lifts", main = "The largest number that any source states of a year")
invisible(dev.off())

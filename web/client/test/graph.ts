// A little vocabulary for tests.
import { Vocabulary, type VocabularyData } from "../src/_vocabulary";

const EX = "http://example.org/";

export const data: VocabularyData = {
  digest: "0",
  prefixes: { ex: EX, rdfs: "http://www.w3.org/2000/01/rdf-schema#" },
  classes: [
    {
      iri: `${EX}Tree`,
      curie: "ex:Tree",
      labels: { en: "tree", "zh-hans": "果树" },
      sounds: ["guoshu", "gs"],
      count: 9,
    },
    { iri: `${EX}Plot`, curie: "ex:Plot", labels: { en: "plot of land" }, count: 3 },
    { iri: `${EX}Barn`, curie: "ex:Barn", labels: { en: "barn" }, count: 0 },
  ],
  properties: [
    {
      iri: `${EX}standsIn`,
      curie: "ex:standsIn",
      labels: { en: "stands in" },
      count: 9,
      iris: 9,
      objects: [[1, 9]],
    },
    { iri: `${EX}isOwnedBy`, curie: "ex:isOwnedBy", labels: { en: "is owned by" }, count: 3, iris: 3 },
    {
      iri: `${EX}name`,
      curie: "ex:name",
      labels: { en: "name" },
      count: 12,
      languages: { en: 9, "zh-hans": 3 },
    },
    {
      iri: `${EX}age`,
      curie: "ex:age",
      labels: { en: "age" },
      count: 2,
      datatypes: { "http://www.w3.org/2001/XMLSchema#integer": 2 },
    },
  ],
  uses: [
    [0, 0, 9, 2, 9],
    [1, 1, 3, 2, 3],
  ],
};

export const vocabulary = new Vocabulary(data, `${EX}base/`);
export const PREFIX = `PREFIX ex: <${EX}>\n`;

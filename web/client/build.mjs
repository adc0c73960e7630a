// Bundle each src/<name>.ts into ../kg_web/static/built/<name>.js: one file a page asks for, nothing from elsewhere.
import { readdirSync } from "node:fs";
import { build } from "esbuild";
import { list } from "./list.mjs";

list();

await build({
  entryPoints: readdirSync("src")
    .filter((name) => name.endsWith(".ts") && !name.startsWith("_"))
    .map((name) => `src/${name}`),
  outdir: "../kg_web/static/built",
  bundle: true,
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  format: "esm",
  target: ["es2022"],
  minify: true,
  sourcemap: false,
  loader: { ".png": "dataurl" },
  legalComments: "linked",
  logLevel: "warning",
});

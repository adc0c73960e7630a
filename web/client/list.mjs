// List what stands in the folders that hold one kind of thing, a module each, as src/<folder>/index.ts: what
// bundles and what checks types reads that. It isn't committed, so that one more is a module and nothing else.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

/** By folder: what a module there exports, and of which type. */
const KINDS = {
  charts: { name: "chart", type: "Chart", from: "../_charting" },
  views: { name: "view", type: "View", from: "../_viewing" },
};

export function list() {
  for (const [folder, { name, type, from }] of Object.entries(KINDS)) {
    const names = readdirSync(`src/${folder}`)
      .filter((file) => file.endsWith(".ts") && file !== "index.ts")
      .map((file) => file.slice(0, -".ts".length))
      .sort();
    const odd = names.find((one) => !/^[a-z]+$/.test(one));
    if (odd !== undefined) throw new Error(`src/${folder}/${odd}.ts: a name of small letters alone, please`);
    const text = [
      `// Each ${name} of this folder, by the name of its file. Written by list.mjs.`,
      `import type { ${type} } from "${from}";`,
      ...names.map((one) => `import { ${name} as ${one} } from "./${one}";`),
      "",
      `export const EVERY: readonly ${type}[] = [${names.join(", ")}];`,
      "",
    ].join("\n");
    const path = `src/${folder}/index.ts`;
    // What is as it was is left, so that nobody takes it for newer than what was built of it.
    if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
  }
}

if (process.argv[1]?.endsWith("list.mjs")) list();

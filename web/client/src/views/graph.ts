// An answer as nodes and arrows: the triples of a CONSTRUCT, or the first two things of each row.

import type { Binding } from "../_binding";
import { shorten, textOf } from "../_cell";
import { say } from "../_config";
import { h, s } from "../_dom";
import { fetchLabels, labelOf } from "../_labels";
import type { Answer } from "../_run";
import type { View } from "../_viewing";

const MOST = 150;
const WIDTH = 900;
const HEIGHT = 600;
/** The margin around the nodes, as room for their names. */
const EDGE = 60;

interface Node_ {
  readonly key: string;
  readonly term: Binding;
  x: number;
  y: number;
  links: number;
}

interface Edge {
  readonly from: Node_;
  readonly to: Node_;
  readonly name: string;
}

export const view: View = {
  name: "graph",
  can: canGraph,
  fit: ({ kind }) => (kind === "graph" ? 3 : 0),
  draw: ({ answer }) => ({ element: graph(answer) }),
};

export function canGraph(answer: Answer): boolean {
  return answer.rows.length > 0 && (answer.kind === "graph" || ends(answer) !== null);
}

function ends(answer: Answer): [string, string] | null {
  const things = answer.columns.filter((column) =>
    answer.rows.slice(0, 50).some((row) => row[column]?.type === "uri"),
  );
  return things.length >= 2 ? [things[0]!, things[things.length - 1]!] : null;
}

export function graph(answer: Answer): HTMLElement {
  const { nodes, edges, isCut } = collect(answer);
  const holder = h("div", { class: "graph" });
  const told = h("bdi");
  const figure = h(
    "figure",
    {},
    h(
      "figcaption",
      {},
      say(isCut ? "graphCut" : "graphOf", { nodes: nodes.length, edges: edges.length }),
      " ",
      told,
    ),
    holder,
  );
  const drawIt = () => {
    const [one, ...others] = relations(edges);
    told.textContent = one !== undefined && others.length === 0 ? (labelOf(one)?.label ?? shorten(one)) : "";
    spread(nodes, edges);
    holder.replaceChildren(picture(nodes, edges) as unknown as Node);
  };
  const iris = [
    ...nodes.map((node) => node.term),
    ...answer.rows.slice(0, 300).map((row) => row.predicate),
  ].filter((term) => term?.type === "uri");
  drawIt();
  void fetchLabels(iris.map((term) => term!.value)).then(drawIt);
  return figure;
}

function collect(answer: Answer): { nodes: Node_[]; edges: Edge[]; isCut: boolean } {
  const nodes = new Map<string, Node_>();
  const edges: Edge[] = [];
  let isCut = false;
  const node = (term: Binding): Node_ | null => {
    const key = `${term.type} ${term.value} ${term["xml:lang"] ?? ""}`;
    const known = nodes.get(key);
    if (known !== undefined) return known;
    if (nodes.size >= MOST) {
      isCut = true;
      return null;
    }
    const angle = nodes.size * 2.4;
    const radius = 14 * Math.sqrt(nodes.size + 1);
    const made = {
      key,
      term,
      x: WIDTH / 2 + radius * Math.cos(angle),
      y: HEIGHT / 2 + radius * Math.sin(angle),
      links: 0,
    };
    nodes.set(key, made);
    return made;
  };
  const [first, last] = answer.kind === "graph" ? ["subject", "object"] : ends(answer)!;
  for (const row of answer.rows) {
    const [one, other] = [row[first!], row[last!]];
    const from = one ? node(one) : null;
    const to = other ? node(other) : null;
    if (from === null || to === null || from === to) continue;
    from.links += 1;
    to.links += 1;
    edges.push({ from, to, name: row.predicate?.value ?? "" });
  }
  return { nodes: [...nodes.values()], edges, isCut };
}

/**
 * A force layout: nodes repel each other, edges attract. The number of steps is fixed, so the result is always the
 * same.
 */
function spread(nodes: readonly Node_[], edges: readonly Edge[]): void {
  const rest = Math.sqrt((WIDTH * HEIGHT) / Math.max(nodes.length, 1)) * 0.8;
  for (let heat = 60; heat > 0.5; heat *= 0.955) {
    const moves = nodes.map((node) => {
      let [dx, dy] = [(WIDTH / 2 - node.x) * 0.02, (HEIGHT / 2 - node.y) * 0.03];
      for (const other of nodes) {
        if (other === node) continue;
        const [ax, ay] = [node.x - other.x || 0.1, node.y - other.y || 0.1];
        const push = (rest * rest) / (ax * ax + ay * ay);
        dx += ax * push * 0.5;
        dy += ay * push * 0.5;
      }
      return [dx, dy] as [number, number];
    });
    const at = new Map(nodes.map((node, i) => [node, moves[i]!]));
    for (const { from, to } of edges) {
      const [ax, ay] = [to.x - from.x, to.y - from.y];
      const pull = Math.hypot(ax, ay) / rest / 6;
      at.get(from)![0] += ax * pull;
      at.get(from)![1] += ay * pull;
      at.get(to)![0] -= ax * pull;
      at.get(to)![1] -= ay * pull;
    }
    nodes.forEach((node, i) => {
      const [dx, dy] = moves[i]!;
      const length = Math.hypot(dx, dy) || 1;
      node.x += (dx / length) * Math.min(length, heat);
      node.y += (dy / length) * Math.min(length, heat);
    });
  }
  fit(nodes, "x", EDGE, WIDTH - EDGE);
  fit(nodes, "y", 24, HEIGHT - 16);
}

/** Scale the layout into the drawing; if nodes were stopped at its edges instead, they would gather there. */
function fit(nodes: readonly Node_[], axis: "x" | "y", from: number, to: number): void {
  const [least, most] = [
    Math.min(...nodes.map((node) => node[axis])),
    Math.max(...nodes.map((node) => node[axis])),
  ];
  const scale = most - least > 1 ? (to - from) / (most - least) : 0;
  for (const node of nodes) node[axis] = scale === 0 ? (from + to) / 2 : from + (node[axis] - least) * scale;
}

function picture(nodes: readonly Node_[], edges: readonly Edge[]): SVGElement {
  const arrow = s(
    "marker",
    { id: "arrow", viewBox: "0 0 8 8", refX: 14, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
    s("path", { d: "M0 0 L8 4 L0 8 z", class: "head" }) as unknown as Node,
  );
  const drawn = s(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": say("graphLabel") },
    s("defs", {}, arrow as unknown as Node) as unknown as Node,
  );
  // If there is only one relation, it is named once, above the drawing.
  const isTold = edges.length <= 40 && relations(edges).length > 1;
  for (const { from, to, name } of edges) {
    const label = name ? (labelOf(name)?.label ?? shorten(name)) : "";
    drawn.append(
      s(
        "line",
        { x1: from.x, y1: from.y, x2: to.x, y2: to.y, class: "edge", "marker-end": "url(#arrow)" },
        s("title", {}, label),
      ),
    );
    if (isTold && label)
      drawn.append(
        s(
          "text",
          { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 - 3, class: "value", "text-anchor": "middle" },
          short(label, 24),
        ),
      );
  }
  for (const node of nodes) {
    const text = textOf(node.term);
    const page = node.term.type === "uri" ? labelOf(node.term.value)?.page : "";
    const dot =
      node.term.type === "uri"
        ? s("circle", { cx: node.x, cy: node.y, r: Math.min(10, 4 + node.links / 2), class: "dot" })
        : s("rect", { x: node.x - 4, y: node.y - 4, width: 8, height: 8, class: "leaf" });
    const group = page ? s("a", { href: page }) : s("g");
    group.append(
      s("title", {}, text.slice(0, 300)),
      dot,
      s(
        "text",
        {
          x: node.x,
          y: node.y - 9,
          class: "label",
          "text-anchor": node.x < 2 * EDGE ? "start" : node.x > WIDTH - 2 * EDGE ? "end" : "middle",
        },
        short(text, 22),
      ),
    );
    drawn.append(group);
  }
  return drawn;
}

/** The relations of the edges, each once. */
function relations(edges: readonly Edge[]): string[] {
  return [...new Set(edges.map((edge) => edge.name).filter((name) => name !== ""))];
}

function short(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

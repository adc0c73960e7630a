"""Rewriting GRAPH: each block of triple patterns in it gets the graph's name, and nothing else sees it.

``GRAPH ?g { P }`` joins, for each graph, the solutions of P in that graph with its name (SPARQL 1.1 §18.6).
So the name takes no part in MINUS, in a FILTER or inside of a sub-query, and each graph has its rows even if
P has no triple pattern. The engine writes ?g into each pattern of P instead.
"""

from __future__ import annotations

from kg.sparql.reading.paths import counted
from kg.sparql.reading.scope import binds, certain, possible
from kg.sparql.reading.syntax import (
    Bind,
    End,
    Filter,
    Graph,
    Group,
    Lateral,
    Minus,
    Node,
    Optional,
    Repeated,
    Select,
    Service,
    Triples,
    Union,
)
from kg.sparql.rewriting.blocks import BlockWriter
from kg.sparql.rewriting.edits import CantRewrite, Edit, copy, spell_out


class Writer(BlockWriter):
    """Writes a whole query."""

    def query(self, select: Select) -> str:
        """Return the query anew. Raises CantRewrite."""
        return self.writing.text[: select.start] + self._write(select) + self.writing.text[select.end :]

    def _write(self, node: Node) -> str:
        """Return the text of a part that stands outside of every GRAPH that is rewritten."""
        match node:
            case Triples():
                return self.block(node, None)
            case Graph() if self._needed(node):
                return self._graph_anew(node)
            case Select():
                before = self.writing.count
                text = copy(self.writing, node, self._write)
                shows = self.writing.count > before or (
                    node.where and self.writing.made & possible(node.where)
                )
                if node.star_at >= 0 and shows:
                    text = spell_out(self.writing, node, text)
                return text
            case Service():
                return copy(self.writing, node, lambda child: copy(self.writing, child, self._verbatim))
        return copy(self.writing, node, self._write)

    def _verbatim(self, node: Node) -> str:
        return self.writing.text[node.start : node.end]

    # Whether

    def _needed(self, graph: Graph) -> bool:
        """Whether the engine may answer a GRAPH block wrongly."""
        group = graph.children[0]
        if graph.name.kind != "var":
            return not binds(group) and self.writing.meet("absent-graph")
        return self._unsafe(group) and self.writing.meet("graph-variable")

    def _unsafe(self, node: Node) -> bool:
        match node:
            case Group():
                return self._unsafe_group(node)
            case Triples():
                paths = [triple.path for triple in node.triples if not isinstance(triple.path, End)]
                return any(isinstance(part, Repeated) for path in paths for part in counted(path))
            case Graph() | Select() | Service() | Lateral():
                return True
        return any(map(self._unsafe, node.children))

    def _unsafe_group(self, group: Group) -> bool:
        looked_at = [part for part in group.children if not isinstance(part, Filter | Bind)]
        if looked_at and not binds(group) and not isinstance(looked_at[0], Optional):
            return True
        left: set[str] = set()
        for part in group.children:
            if isinstance(part, Minus) and not left & certain(part.children[0]):
                return True
            left |= certain(part)
        return any(map(self._unsafe, group.children))

    # How

    def _graph_anew(self, graph: Graph) -> str:
        return f"{{ {self._inner(graph.children[0], graph.name.text)} }}"

    def _inner(self, group: Node, graph: str) -> str:
        """Return what stands in a group, for each graph by itself. Each solution binds the graph's name."""
        first = next((part for part in group.children if not isinstance(part, Filter)), None)
        # A block that matches triples in the graph binds its name itself, and has no solutions where the
        # graph is absent (§18.6); any other needs a pattern for that.
        matched = isinstance(first, Triples | Union | Select | Graph) and (_varies(graph) or binds(group))
        pieces = [] if matched else [f"GRAPH {graph} {{}}"]
        possibly: set[str] = set()
        certainly: set[str] = set()
        for part in group.children:
            if isinstance(part, Minus):
                pieces.append(self._minus(part, graph, possibly, certainly))
            else:
                pieces.append(self._part(part, graph))
            possibly |= possible(part)
            certainly |= certain(part)
        return " ".join(pieces)

    def _part(self, part: Node, graph: str) -> str:
        match part:
            case Triples():
                return self.block(part, graph)
            case Group():
                return f"{{ {self._inner(part, graph)} }}"
            case Graph():
                return f"GRAPH {graph} {{}} {self._graph_anew(part)}"
            case Select():
                text = self._select(part, graph)
                return text if text.startswith("{") else f"{{ {text} }}"
            case Service():
                return self._write(part)
        return copy(self.writing, part, lambda child: self._part(child, graph))

    def _minus(self, part: Node, graph: str, possibly: set[str], certainly: set[str]) -> str:
        """Return a MINUS, without the graph's name among the variables that both sides share (§18.5)."""
        group = part.children[0]
        if not possibly & possible(group):
            return ""
        if not certainly & certain(group):
            raise CantRewrite(
                "MINUS inside of GRAPH with a variable, where what both sides share may be unbound,",
                "use FILTER NOT EXISTS { } with the same patterns",
            )
        return f"MINUS {{ {self._inner(group, graph)} }}"

    def _select(self, select: Select, graph: str) -> str:
        """Return a sub-query: it answers for each graph, so it groups and projects by the graph too."""
        if not _varies(graph):
            return self._grouped(select, graph)
        if select.sliced:
            raise CantRewrite(
                "LIMIT or OFFSET of a sub-query inside of GRAPH with a variable",
                "name the graph, or put GRAPH into the sub-query",
            )
        if select.aggregates and select.where is not None and self.writing.meet("aggregate-in-graph"):
            return self._aggregate(select, select.where, graph)
        return self._grouped(select, graph)

    def _aggregate(self, select: Select, where: Group, graph: str) -> str:
        """Return an aggregate without GROUP BY: one row for each graph, even one without rows (§18.5)."""
        within_head = [part for part in select.children if part.end <= select.head_end]
        head = copy(self.writing, Node(select.start, select.head_end, within_head), self._write)
        tail = self.writing.text[where.end : select.end]
        group = self._inner(where, graph)
        some = f"{head} {graph} {{ {group} }} GROUP BY {graph} {tail}"
        none = f"{head} {{ FILTER(false) }} {tail}"
        lacking = f"GRAPH {graph} {{}} FILTER NOT EXISTS {{ {group} }}"
        return f"{{ {some} }} UNION {{ {lacking} {{ {none} }} }}"

    def _grouped(self, select: Select, graph: str) -> str:
        """Return the sub-query, grouped and projected by the graph too if that is a variable."""
        kept, self.writing.edits = self.writing.edits, [*self.writing.edits]
        by = [graph] if _varies(graph) else []
        behind = "".join(f" {name}" for name in by)
        if select.star_at >= 0:
            names = [*by, *(f"?{name}" for name in self.writing.spelt(select))]
            self.writing.edits.append(Edit(select.star_at, select.star_at + 1, " ".join(names) or "*"))
        else:
            self.writing.edits.append(Edit(select.head_end, select.head_end, behind))
        last = select.group_end == select.end
        if select.group_end >= 0 and not last:
            self.writing.edits.append(Edit(select.group_end, select.group_end, behind))
        text = copy(self.writing, select, lambda child: self._part(child, graph)) + behind * last
        self.writing.edits = kept
        return text


def _varies(graph: str) -> bool:
    return graph[0] in "?$"

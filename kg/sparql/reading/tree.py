"""The tree of a query (SPARQL 1.1 §19.8, and 1.2), for texts that an engine has accepted.

It reads the structure that a rewriting needs: groups, triple patterns with their paths, sub-queries, EXISTS.
Expressions stay rows of tokens. A text that it can't follow raises `Unreadable`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from kg.sparql.reading.lexer import NAMES, Token
from kg.sparql.reading.pathreader import Unreadable
from kg.sparql.reading.syntax import (
    Bind,
    Expression,
    Filter,
    Graph,
    Group,
    Lateral,
    Minus,
    Node,
    Optional,
    Select,
    Service,
    Triples,
    Union,
    Values,
)
from kg.sparql.reading.triplereader import BOOLEANS, TripleReader

__all__ = ["Unreadable", "read"]

_OPEN, _CLOSE = frozenset("({[") | {"<<", "<<("}, frozenset(")}]") | {">>", ")>>"}


_GROUPS: dict[str, type[Node]] = {"OPTIONAL": Optional, "MINUS": Minus, "LATERAL": Lateral}


def read(text: str) -> Select:
    """Return the tree of a query. Raises Unreadable."""
    reader = _Reader(text)
    query = reader.query()
    if reader.token is not None:
        raise Unreadable(reader.token.text)
    return query


class _Reader(TripleReader):
    """Reads groups and queries."""

    def query(self) -> Select:
        """Read a whole query."""
        while self.word() in ("PREFIX", "BASE", "VERSION"):
            self.prologue()
        form = self.word() or ""
        if form == "SELECT":
            return self.select()
        found = Select(self.here(), form=form)
        self.advance()
        if form == "CONSTRUCT" and self.text_is("{"):
            self.balanced(Triples(0))
        elif form == "DESCRIBE":
            while self.token is not None and (self.token.kind in NAMES | {"var"} or self.text_is("*")):
                if self.token.kind == "var":
                    found.items.append((self.token.text[1:], None))
                if self.text_is("*"):
                    found.star_at = self.here()
                self.advance()
        found.head_end = self.last_end
        self._from_clauses()
        self.rest(found)
        return found

    def prologue(self) -> None:
        """Pass over one declaration."""
        word = self.word()
        self.advance()
        if word == "PREFIX":
            self.advance()
        self.advance()

    def _from_clauses(self) -> None:
        while self.word() == "FROM":
            self.advance()
            if self.word() == "NAMED":
                self.advance()
            self.advance()

    def select(self) -> Select:
        """Read a SELECT from its first word to the end of its VALUES."""
        found = Select(self.here())
        self.advance()
        if self.word() in ("DISTINCT", "REDUCED"):
            found.distinct = self.word() == "DISTINCT"
            self.advance()
        if self.text_is("*"):
            found.star_at = self.here()
            self.advance()
        while self.token is not None and (self.token.kind == "var" or self.text_is("(")):
            if self.token.kind == "var":
                found.items.append((self.token.text[1:], None))
                self.advance()
                continue
            self.advance()
            expression = self.expression(stop="AS")
            self.advance()
            found.items.append((self.need().text[1:], expression))
            found.children.append(expression)
            self.advance()
            self.expect(")")
        found.head_end = self.last_end
        self._from_clauses()
        self.rest(found)
        return found

    def rest(self, found: Select) -> None:
        """Read WHERE and what follows it."""
        if self.word() == "WHERE":
            self.advance()
        if self.text_is("{"):
            found.where = self.group()
            found.children.append(found.where)
        self.modifiers(found)
        if self.word() == "VALUES":
            found.children.append(self.values())
        found.end = self.last_end

    def modifiers(self, found: Select) -> None:
        """Read GROUP BY, HAVING, ORDER BY, LIMIT and OFFSET."""
        while (word := self.word()) in ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"):
            self.advance()
            if word in ("LIMIT", "OFFSET"):
                found.sliced = True
                self.advance()
                continue
            if word in ("GROUP", "ORDER"):
                self.advance()
            conditions = self.expression(stop="CLAUSE")
            found.children.append(conditions)
            if word == "GROUP":
                found.group_end = self.last_end
            elif word == "HAVING":
                found.conditions = conditions

    # Groups

    def group(self) -> Group:
        """Read ``{ ... }``."""
        found = Group(self.here())
        self.expect("{")
        if self.word() == "SELECT":
            found.children.append(self.select())
        while not self.text_is("}"):
            found.children.append(self.part())
            self.skip(".")
        self.expect("}")
        found.end = self.last_end
        return found

    def part(self) -> Node:
        """Read one part of a group."""
        start, word = self.here(), self.word()
        if self.text_is("{"):
            return self._union(start)
        if word is None or word in BOOLEANS:
            if not self.starts_term():
                raise Unreadable(self.need().text)
            return self.triples()
        if word == "VALUES":
            return self.values()
        self.advance()
        if word in _GROUPS:
            return self._ended(_GROUPS[word](start, children=[self.group()]))
        if word not in self._others:
            raise Unreadable(word)
        return self._ended(self._others[word](self, start))

    def _union(self, start: int) -> Node:
        union = Union(start, children=[self.group()])
        while self.word() == "UNION":
            self.advance()
            union.children.append(self.group())
        return self._ended(union)

    def _graph(self, start: int) -> Node:
        name = self.need()
        self.advance()
        return Graph(start, name=name, children=[self.group()])

    def _filter(self, start: int) -> Node:
        return Filter(start, children=[self.constraint()])

    def _ended(self, node: Node) -> Node:
        node.end = self.last_end
        return node

    def _service(self, start: int) -> Node:
        silent = self.word() == "SILENT"
        if silent:
            self.advance()
        self.advance()
        return Service(start, silent=silent, children=[self.group()])

    def _bind(self, start: int) -> Node:
        self.expect("(")
        expression = self.expression(stop="AS")
        self.advance()
        name = self.need().text[1:]
        self.advance()
        self.expect(")")
        return Bind(start, name=name, children=[expression])

    _others: ClassVar[dict[str, Callable[[_Reader, int], Node]]] = {
        "GRAPH": _graph, "SERVICE": _service, "FILTER": _filter, "BIND": _bind,
    }  # fmt: skip

    def values(self) -> Values:
        """Read ``VALUES``."""
        found = Values(self.here())
        self.advance()
        depth, data = 0, False
        while True:
            token = self.need()
            found.tokens.append(token)
            if token.kind == "var" and not data:
                found.names.append(token.text[1:])
            if token.text == "{":
                data = True
            found.certain = found.certain and token.text.upper() != "UNDEF"
            depth += token.text in ("{", "(", "<<(")
            depth -= token.text in ("}", ")", ")>>")
            self.advance()
            if data and depth == 0:
                break
        found.end = self.last_end
        return found

    # Expressions

    def constraint(self) -> Expression:
        """Read what follows FILTER: brackets, a call, or EXISTS."""
        found = Expression(self.here())
        while self.word() in ("NOT", "EXISTS"):
            if self._exists(found):
                found.end = self.last_end
                return found
        if not self.text_is("("):
            self._take(found, operand=False)
        if self.text_is("("):
            self._run(found, "", brackets=True)
        found.end = self.last_end
        return found

    def expression(self, stop: str) -> Expression:
        """Read an expression up to AS, or up to the next clause."""
        found = Expression(self.here())
        self._run(found, stop, brackets=False)
        found.end = self.last_end
        return found

    def _run(self, found: Expression, stop: str, *, brackets: bool) -> None:
        depth = 0
        while self.token is not None:
            token = self.token
            word = self.word()
            if depth == 0 and self._over(stop, word, token):
                return
            if word in ("EXISTS", "NOT") and self._exists(found):
                continue
            depth += token.kind == "op" and token.text in _OPEN
            depth -= token.kind == "op" and token.text in _CLOSE
            if depth < 0:
                return
            operand = token.text in (")", "]", ")>>") or token.kind not in ("op", "word") or word in BOOLEANS
            over = brackets and depth == 0
            self._take(found, operand=operand and not over)
            if over:
                return

    @staticmethod
    def _over(stop: str, word: str | None, token: Token) -> bool:
        if stop == "AS":
            return word == "AS"
        clauses = ("HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "GROUP")
        return stop == "CLAUSE" and (word in clauses or token.text == "}")

    def _exists(self, found: Expression) -> bool:
        """Take EXISTS and its group; return whether it was one."""
        word = self.word()
        self._take(found, operand=False)
        if word == "EXISTS":
            found.children.append(self.group())
            # After a group, as after any operand, a < would compare; none follows in practice.
            return True
        return False

    def _take(self, found: Expression, *, operand: bool) -> None:
        found.tokens.append(self.need())
        self.advance(compares=operand)

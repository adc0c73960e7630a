"""Following the triple patterns of a query: what stands where, and how many there are."""

from __future__ import annotations

from kg.sparql.checking.findings import Analysis, Frame
from kg.sparql.reading.lexer import Token


class Patterns:
    """The open brackets of a reading, and the place in the triple pattern of the innermost one."""

    def __init__(self) -> None:
        self.found = Analysis()
        self.top = Frame("query", head=True)
        self.frames = [self.top]

    def place(self, token: Token) -> None:
        """Put a term where the pattern expects one."""
        top = self.top
        if top.kind == "list":
            self.count()
            self.count()
        if top.kind not in ("group", "template", "bnode") or top.head:
            return
        if top.state == "S":
            top.state, top.subject, top.steps = "V", token, []
        elif top.state in ("V", "W"):
            top.steps.append(token)
            top.state = "O"
        elif top.state == "O":
            self.count()
            top.state = "E"
        elif top.state == "E":
            self.fault(
                token.start,
                f"{token.text} stands behind a whole triple pattern: a . or ; is missing before it",
            )

    def count(self) -> None:
        """Count one triple pattern, unless it is of a template."""
        if all(frame.kind != "template" for frame in self.frames):
            self.found.triples += 1
        self.top.triples += 1

    def complete(self, token: Token) -> None:
        """A triple pattern ends here: it should have all of its parts."""
        top = self.top
        if top.kind in ("group", "template", "bnode") and not top.head:
            lone = top.state == "V" and top.subject is not None and top.subject.text != "[]" and not top.steps
            if top.state == "O" or (lone and token.text != ";"):
                self.fault(
                    token.start, "a triple pattern ends here before it is complete: subject, property, object"
                )

    def fault(self, at: int, message: str) -> None:
        """Note what looks wrong, if it is the first."""
        if self.found.fault_at is None:
            self.found.fault_at, self.found.fault = at, message

    def end_pattern(self) -> None:
        """A word begins something else: the next term is a subject again."""
        if self.top.kind in ("group", "template"):
            self.top.state = "S"

    def separator(self, token: Token) -> None:
        """A sign between the parts of a pattern."""
        top, text = self.top, token.text
        if text in (".", ";"):
            self.complete(token)
        if text == ".":
            top.state = "S" if top.kind != "bnode" else "V"
        elif text == ";" and top.state in ("E", "V", "W"):
            top.state, top.steps = "W", []
        elif text == "," and top.state == "E":
            top.state = "O"
        elif top.state in ("V", "W", "O"):
            self.step(token)
            if text in ("/", "|", "^", "!"):
                top.state = "V"

    def step(self, token: Token) -> None:
        """A part of a path. A further step is a join or a union for the engine, so it counts as a pattern."""
        frame = next(f for f in reversed(self.frames) if f.kind != "path")
        frame.steps.append(token)
        if token.text in ("/", "|"):
            self.found.triples += 1

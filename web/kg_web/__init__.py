"""The Flask explorer: a factory and blueprints. It shows whatever an ontology and its shapes say."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg_web.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Load the factory when it is first asked for: a server process starts its query processes before."""
    if name == "create_app":
        from kg_web.app import create_app

        return create_app
    raise AttributeError(name)

"""A release for programs that reason in words: tools over the Model Context Protocol (``kg mcp``).

`Session` holds what is open, `tools` what an agent may do with it, `server` gives the tools to the protocol's
SDK, an optional extra (``pip install linli[mcp]``). See ``docs/agents.md``.
"""

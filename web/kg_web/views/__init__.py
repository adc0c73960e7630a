"""The pages, a blueprint each: what a request asks becomes one call of the library and one template.

They stand in rooms by what a reader asks for; those of no room are ways into the others.
"""

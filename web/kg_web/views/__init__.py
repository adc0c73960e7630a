"""The pages, a blueprint each: what a request asks becomes one call of the library and one template."""

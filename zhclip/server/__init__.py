"""The HTTP service: a library that other programs search.

Importing this package loads neither FastAPI nor torch; its modules do.
"""

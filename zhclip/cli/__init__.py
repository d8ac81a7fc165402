"""The ``zhclip`` command: one module a command, put together in :mod:`zhclip.cli.main`."""

"""What the system and other libraries say of failures, which stands in messages of zhclip: marked for the catalogue."""

from __future__ import annotations

from zhclip.messages import gettext_noop

REASONS = (
    # Of the system (errno).
    gettext_noop("No such file or directory"),
    gettext_noop("Permission denied"),
    gettext_noop("Operation not permitted"),
    gettext_noop("Is a directory"),
    gettext_noop("Not a directory"),
    gettext_noop("File exists"),
    gettext_noop("File name too long"),
    gettext_noop("No space left on device"),
    gettext_noop("Read-only file system"),
    gettext_noop("Disk quota exceeded"),
    gettext_noop("Input/output error"),
    gettext_noop("Stale file handle"),
    gettext_noop("Too many levels of symbolic links"),
    gettext_noop("Too many open files"),
    gettext_noop("No such device or address"),
    gettext_noop("Device or resource busy"),
    gettext_noop("Directory not empty"),
    gettext_noop("Cannot allocate memory"),
    gettext_noop("Connection refused"),
    gettext_noop("Connection timed out"),
    gettext_noop("Network is unreachable"),
    gettext_noop("Name or service not known"),
    # Of Python's json.
    gettext_noop("Expecting value"),
    gettext_noop("Extra data"),
    gettext_noop("Expecting property name enclosed in double quotes"),
    gettext_noop("Expecting ',' delimiter"),
    gettext_noop("Expecting ':' delimiter"),
    gettext_noop("Unterminated string starting at"),
    gettext_noop("Invalid control character at"),
    gettext_noop("Invalid \\escape"),
    gettext_noop("Invalid \\uXXXX escape"),
    gettext_noop("Illegal trailing comma before end of object"),
    gettext_noop("Illegal trailing comma before end of array"),
    gettext_noop("Unexpected UTF-8 BOM (decode using utf-8-sig)"),
    # Of Pillow.
    gettext_noop("broken data stream when reading image file"),
    gettext_noop("unrecognized data stream contents when reading image file"),
    gettext_noop("image file is truncated"),
    gettext_noop("Truncated File Read"),
    gettext_noop("not enough image data"),
    gettext_noop("decoder error"),
    # Of Python's archives and coding.
    gettext_noop("unexpected end of data"),
    gettext_noop("truncated header"),
    gettext_noop("Incorrect padding"),
)
"""Nobody looks here: a message takes what an error says, and the catalogue knows it by that."""

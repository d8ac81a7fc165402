"""The web page: search a library by words or by a picture, in a browser on this machine.

Importing this package keeps Gradio to itself: no telemetry, and what is uploaded goes to a
folder that only this user can read and that is gone when the process ends.
"""

import os
import tempfile

# Gradio reads both when it is imported, so they are set before any module of this package imports it.
_uploads = tempfile.TemporaryDirectory(prefix="zhclip-", ignore_cleanup_errors=True)
os.environ["GRADIO_TEMP_DIR"] = _uploads.name
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

"""The web page: search a library by words or by a picture, in a browser on this machine.

Importing this package keeps Gradio to itself: no telemetry, and what is uploaded goes to a
folder that only this user can read and that is gone when the process ends.
"""

import os

from zhclip.temporary import TemporaryFolder

# Gradio reads both when it is imported, so they are set before any module of this package imports it.
_uploads = TemporaryFolder()
os.environ["GRADIO_TEMP_DIR"] = str(_uploads.path)
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

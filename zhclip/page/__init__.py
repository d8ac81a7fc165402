"""The web page: search a library by words or by a picture, in a browser on this machine.

Importing this package keeps Gradio to itself: no telemetry, and no folder for what is uploaded, which stays in memory.
"""

import os

from zhclip.temporary import TemporaryFolder

# Gradio reads both when it is imported, so they are set before any module of this package imports it.
gradio_folder = TemporaryFolder()
"""Where Gradio makes folders when it builds a page; it is deleted as soon as that is done."""
os.environ["GRADIO_TEMP_DIR"] = str(gradio_folder.path)
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

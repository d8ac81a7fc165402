"""The page over the pictures that come with zhclip: ``python demo/app.py``, the same as ``zhclip demo --samples``."""

from zhclip.cli.main import app

if __name__ == "__main__":
    app(["demo", "--samples"])

"""What the library's benchmarks share: a Milvus server, rows, and an encoder that needs no model."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zhclip.errors import LibraryError
from zhclip.library import Picture
from zhclip.library.picture import moment
from zhclip.library.store import Store
from zhclip.models import Encoder, ImagePreparation, TextPreparation


class ProjectionEncoder(Encoder):
    """Embeds by one fixed random projection of the pixels: real vectors at next to no cost."""

    def __init__(self, dim: int = 64, size: int = 32) -> None:
        super().__init__(
            name="projection",
            dim=dim,
            fingerprint=hashlib.sha256(f"projection-{dim}-{size}".encode()).hexdigest(),
            text=TextPreparation(),
            image=ImagePreparation(size=size),
            logit_scale=1.0,
        )
        self._projection = np.random.default_rng(0).standard_normal((3 * size * size, dim)).astype(np.float32)

    def _text_features(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> NDArray[np.float32]:
        raise NotImplementedError("only pictures are indexed here")

    def _image_features(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(pixels.reshape(len(pixels), -1) @ self._projection)


@contextmanager
def milvus_server(folder: Path) -> Iterator[str]:
    """The address of a Milvus server (the ``milvus`` package) that runs as long as the block.

    One runs at a time on a machine: its etcd wants port 2380, and it dies where that is taken.
    """
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 2380)) == 0:
            raise SystemExit("another Milvus server runs on this machine (port 2380 is taken); stop it first")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    command = [str(Path(sys.executable).with_name("milvus-server")), "--data", str(folder), "--proxy-port", str(port)]
    with (folder.parent / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            address = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + 180
            while True:
                try:
                    Store(address).close()
                    break
                except LibraryError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(1)
            yield address
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def clustered_vectors(count: int, dim: int = 512, *, seed: int = 0) -> NDArray[np.float32]:
    """Unit vectors around 2,000 centres, as pictures of like things lie: float32 ``[count, dim]``."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(1).standard_normal((2000, dim), dtype=np.float32)
    vectors = centres[random.integers(0, len(centres), count)]
    vectors += random.standard_normal((count, dim), dtype=np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def make_rows(start: int, stop: int) -> list[dict[str, Any]]:
    """Rows of pictures by number."""
    return [
        {
            **Picture(
                path=Path(f"/photos/{number // 1000}/{number}.jpg"),
                content=f"{number:032x}",
                format="JPEG",
                width=640,
                height=480,
                bytes=number,
                taken=moment(number),
            ).to_row(),
            "mtime_ns": number,
            "sidecars": 0,
        }
        for number in range(start, stop)
    ]


def make_photo(seed: int, size: tuple[int, int]) -> Image.Image:
    """A picture with shapes, gradients and noise, which compresses about as photos do."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (9, 12, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    fine = Image.fromarray(random.integers(0, 256, (size[1] // 4, size[0] // 4, 3), dtype=np.uint8)).resize(size)
    return Image.blend(coarse, fine, 0.15)

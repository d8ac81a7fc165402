"""Renders the sample pictures: every scene of scenes.yaml, or the named ones.

Needs POV-Ray 3.7 (Debian: ``apt install povray povray-includes``), and for the Chinese signs the fonts
of ``fonts-noto-cjk``. The same scene always gives the same picture.

    python demo/scenes/render.py                      all pictures, and captions.jsonl
    python demo/scenes/render.py dog-running campfire these two
    python demo/scenes/render.py --draft --to /tmp/x dog-running
    python demo/scenes/render.py --captions           captions.jsonl alone
"""

import argparse
import io
import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont
from tqdm import tqdm

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parents[1] / "zhclip" / "samples"
MOST_BYTES = 60_000


def read_table(path: Path = HERE / "scenes.yaml") -> dict[str, dict[str, Any]]:
    """Reads the table of scenes.

    Args:
        path: The YAML file: picture name to its ``scene`` (a .pov file without its ending; the picture's name
            when left out), ``declare`` (values for the scene), ``sign`` (texts drawn for it), ``bloom`` (how far
            bright lights shine out, 0 to 1), ``grain`` (noise as of a camera: the standard deviation of a value of 0 to
            255; 0), ``zh`` and ``en`` (captions).

    Returns:
        Picture name, without its ending, to that entry.
    """
    table: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return table


def write_captions(table: dict[str, dict[str, Any]], folder: Path) -> None:
    """Writes captions.jsonl, one line a picture in the order of the table."""
    lines = [
        json.dumps({"image": f"{name}.jpg", "zh": entry["zh"], "en": entry["en"]}, ensure_ascii=False)
        for name, entry in table.items()
    ]
    (folder / "captions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def draw_sign(sign: dict[str, Any], path: Path) -> None:
    """Draws the texture of a sign.

    Args:
        sign: ``text`` in ``ink`` on ``ground``, ``size`` in pixels (width, height), in ``font`` (as fontconfig names
            it), with a ``frame`` of a colour; the letters fill at most ``share`` of it.
        path: Where the PNG goes.

    Raises:
        RuntimeError: The font is not installed.
    """
    width, height = sign.get("size", [800, 400])
    picture = Image.new("RGB", (width, height), sign.get("ground", "white"))
    draw = ImageDraw.Draw(picture)
    if frame := sign.get("frame"):
        draw.rectangle((12, 12, width - 13, height - 13), outline=frame, width=10)
    font_name = sign.get("font", "Noto Sans CJK SC:bold")
    found = subprocess.run(
        ["fc-match", "-f", "%{file}\n%{index}\n%{family}", font_name], capture_output=True, text=True, check=True
    )
    font_file, index, family = found.stdout.splitlines()
    if font_name.split(":")[0] not in family:
        raise RuntimeError(f"the font {font_name} is not installed (Debian: fonts-noto-cjk, fonts-dejavu)")
    size, share = height, sign.get("share", 0.84)
    while True:  # the largest letters that fit
        font = ImageFont.truetype(font_file, size, index=int(index))
        box = draw.multiline_textbbox((0, 0), sign["text"], font=font, align="center", spacing=size * 0.2)
        if box[2] - box[0] <= width * share and box[3] - box[1] <= height * share:
            break
        size -= 4
    place = ((width - box[0] - box[2]) / 2, (height - box[1] - box[3]) / 2)
    draw.multiline_text(place, sign["text"], sign.get("ink", "black"), font, align="center", spacing=size * 0.2)
    picture.save(path)


def trace(name: str, entry: dict[str, Any], *, draft: bool) -> Image.Image:
    """Runs POV-Ray on one scene.

    Args:
        name: Name of the picture.
        entry: Its entry in the table.
        draft: A quarter of the size and without antialiasing.

    Returns:
        The rendered picture, RGB.

    Raises:
        RuntimeError: POV-Ray failed; the message holds what it printed.
    """
    with tempfile.TemporaryDirectory() as work:
        if "sign" in entry:
            draw_sign(entry["sign"], Path(work) / "sign.png")
        width, height = (320, 240) if draft else (640, 480)
        if draft:
            quality = ["-A"]
        elif entry.get("grain"):  # which hides what a coarser smoothing leaves
            quality = ["+A0.3", "+AM1", "+R2", "-J"]
        else:
            quality = ["+A0.2", "+AM2", "+R2", "-J"]
        declares = [f"Declare={key}={value}" for key, value in entry.get("declare", {}).items()]
        # One thread: radiosity depends on the order of the blocks.
        files = [f"+I{HERE / entry.get('scene', name)}.pov", f"+O{work}/out.png", f"+L{HERE / 'include'}", f"+L{work}"]
        options = [f"+W{width}", f"+H{height}", "+WT1", "-D", "+FN8", *quality, *declares]
        done = subprocess.run(["povray", *files, *options], capture_output=True, text=True)
        if done.returncode:
            printed = done.stderr.partition("[Parsing...]")[2]
            raise RuntimeError(f"{name}: POV-Ray failed: {printed}")
        with Image.open(Path(work) / "out.png") as picture:
            return picture.convert("RGB")


def shine(picture: Image.Image, strength: float) -> Image.Image:
    """Lets what is very bright shine over what is near it, as a lens does."""
    bright = picture.point([max(0, value - 170) * 3 for value in range(256)] * 3)
    for radius in (3, 10, 30):
        glow = bright.filter(ImageFilter.GaussianBlur(radius * picture.width / 640))
        picture = ImageChops.screen(picture, glow.point([round(value * strength) for value in range(256)] * 3))
    return picture


def add_grain(picture: Image.Image, deviation: float) -> Image.Image:
    """Adds the noise of a camera's sensor: the same each time, mostly in brightness and a little in colour."""
    values = np.asarray(picture, dtype=np.float32)
    random = np.random.default_rng(0)
    noise = 0.8 * random.standard_normal((*values.shape[:2], 1)) + 0.4 * random.standard_normal(values.shape)
    return Image.fromarray(np.clip(values + deviation * noise, 0, 255).astype(np.uint8))


def jpeg(picture: Image.Image) -> bytes:
    """Encodes the picture at the highest quality that stays within MOST_BYTES."""
    for quality in range(92, 20, -2):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
        if file.tell() <= MOST_BYTES:
            break
    return file.getvalue()


def render(name: str, entry: dict[str, Any], folder: Path, *, draft: bool = False) -> Path:
    """Renders one picture of the table into the folder and returns its path."""
    picture = trace(name, entry, draft=draft)
    if bloom := entry.get("bloom", 0.08):
        picture = shine(picture, bloom)
    if grain := entry.get("grain"):
        picture = add_grain(picture, grain)
    path = folder / f"{name}.jpg"
    path.write_bytes(jpeg(picture))
    return path


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="pictures to render; all when none is named")
    parser.add_argument("--to", type=Path, default=SAMPLES, metavar="FOLDER", help="where the pictures go")
    parser.add_argument("--jobs", type=int, default=1, help="scenes rendered at the same time (1)")
    parser.add_argument("--draft", action="store_true", help="320x240 without antialiasing")
    parser.add_argument("--captions", action="store_true", help="write captions.jsonl alone")
    options = parser.parse_args()

    table = read_table()
    if not options.captions and not shutil.which("povray"):
        parser.error("POV-Ray is not installed (Debian: apt install povray povray-includes)")
    if unknown := set(options.names) - set(table):
        parser.error(f"not in scenes.yaml: {', '.join(sorted(unknown))}")
    options.to.mkdir(parents=True, exist_ok=True)
    if not options.captions:
        chosen = {name: table[name] for name in options.names or table}
        with ThreadPoolExecutor(options.jobs) as pool:
            runs = [pool.submit(render, name, entry, options.to, draft=options.draft) for name, entry in chosen.items()]
            failed = []
            for run in tqdm(runs, unit="picture"):
                try:
                    run.result()
                except RuntimeError as error:
                    failed.append(str(error))
        if failed:
            sys.exit("\n".join(failed))
    write_captions(table, options.to)


if __name__ == "__main__":
    main()

"""``zhclip convert`` and ``zhclip export-onnx``: models in other formats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zhclip.messages import translate


def convert(
    model: Annotated[str, typer.Argument(help=translate("A .pt file, a model folder, or a name."))],
    target: Annotated[Path, typer.Argument(help=translate("Where to: a folder, or a file whose name ends in .pt."))],
) -> None:
    """Convert between Chinese-CLIP's ``.pt`` and a ``transformers`` folder, and say how close they are.

    Raises:
        ConfigError: There is nothing to convert between the two.
        ModelError: The model cannot be converted, or the result differs.
    """
    from zhclip.models.conversion import convert as convert_model  # loads torch

    done = convert_model(model, target)
    differences = {"pictures": f"{done.image_difference:.0e}", "texts": f"{done.text_difference:.0e}"}
    typer.echo(
        translate(
            "wrote {target}; vectors differ by at most {pictures} (pictures) and {texts} (texts)",
            target=target,
            **differences,
        )
    )
    if target.is_file() and done.loading_arguments:
        arguments = ", ".join(f"{name}={value!r}" for name, value in done.loading_arguments.items())
        typer.echo(f"cn_clip.clip.load_from_name({str(target)!r}, {arguments})")


def export_onnx(
    folder: Annotated[Path, typer.Argument(help=translate("Where to; the folder must not exist."))],
    model: Annotated[
        str, typer.Option("--model", "-m", help=translate("A model: a name, a folder, or a file."))
    ] = "mini",
) -> None:
    """Export both towers to ONNX, checked against PyTorch.

    Raises:
        ModelError: The model cannot be exported, the result differs, or the folder exists.
    """
    from zhclip.errors import ModelError
    from zhclip.models.calibration import read_calibration
    from zhclip.models.loading import load_torch
    from zhclip.models.location import find_model
    from zhclip.models.onnx_export import export_onnx as export  # loads torch

    if folder.exists():
        raise ModelError("{folder} exists; choose another name, or remove it first", folder=folder)
    source = find_model(model)
    export(load_torch(source, name=model, device="cpu"), folder)
    calibration = read_calibration(source) if source.is_dir() else None
    if calibration is not None:
        calibration.save(folder)
    typer.echo(translate("wrote {target}; load it with zhclip.load_model", target=folder))

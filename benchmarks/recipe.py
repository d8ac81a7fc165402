"""What each source of the bundled model's stage 1 is worth: the recipe, and the recipe without it.

Every way trains as ``configs/mini/stage1.yaml`` says, but for the same few steps: as it is, without prototypes, web
captions, labelled photos, and pieces of captions. Recall is over the validation photos of Flickr8k-CN, text to image;
naming is the top-1 share of the ImageNet samples among a thousand names. Needs the data folder (``ZHCLIP_DATA``) and
minutes to fill the caches, which stay in ``--caches``.

JSON keys: ``steps``, and ``ways``: for each way ``zh`` and ``en``, each ``r1``, ``r10`` and ``naming`` (percent), and
``mean_recall``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from report import arguments, report
from runs import DATA, REPOSITORY, unpack_text_tower
from zhclip.evaluation.labelled import evaluate_labelled, read_labelled
from zhclip.models import load_model
from zhclip.training.config import RunConfig, load_config
from zhclip.training.loop import train

LANGUAGES = ("zh", "en")


def without(config: RunConfig, part: str) -> RunConfig:
    """The recipe with a part left out; as it is where none of that name is known."""
    content = config.model_dump()
    if part == "prototypes":
        content["data"]["prototypes"], content["loss"]["prototype_weight"] = None, 0.0
    elif part == "pieces":
        content["data"]["pieces"] = 0.0
    else:
        content["data"]["train"] = [source for source in content["data"]["train"] if part not in source["path"]]
    return RunConfig.model_validate(content)


def measure(config: RunConfig) -> dict[str, Any]:
    """Train, and say what came of it."""
    recall = train(config)
    encoder = load_model(f"{config.output}/latest", backend="torch")
    results, _ = evaluate_labelled(encoder, read_labelled(DATA / "imagenet-samples" / "labels.jsonl"))
    naming = {result.language: result.ensembled.top_1 for result in results}
    figures: dict[str, Any] = {
        language: {
            "r1": recall[language].text_to_image[0],
            "r10": recall[language].text_to_image[2],
            "naming": naming[language],
        }
        for language in LANGUAGES
    }
    return figures | {"mean_recall": sum(recall[language].mean for language in LANGUAGES) / len(LANGUAGES)}


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, steps=250.0, caches="cache/recipe")
    caches, steps = Path(options.caches), 20 if options.quick else int(options.steps)
    text_tower = unpack_text_tower(caches / "e5")
    ways: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for part in ("nothing", "prototypes", "web-captions", "labelled", "pieces"):
            changed = [
                f"output={temporary}/{part}",
                f"model.text.weights={text_tower}",
                f"cache.folder={caches / 'features'}",
                f"optimizer.max_steps={steps}",
                f"validation.every={steps}",
            ]
            ways[part] = measure(without(load_config(REPOSITORY / "configs/mini/stage1.yaml", changed), part))
    rows = [
        (
            part,
            *(f"{way[name]['r1']:.1f} / {way[name]['r10']:.1f}" for name in LANGUAGES),
            f"{way['mean_recall']:.1f}",
            " / ".join(f"{way[name]['naming']:.1f}" for name in LANGUAGES),
        )
        for part, way in ways.items()
    ]
    columns = ["left out", "zh R@1 / 10", "en R@1 / 10", "mean recall", "naming, zh / en"]
    report(f"Stage 1, {steps} steps each", columns, rows, {"steps": steps, "ways": ways})


if __name__ == "__main__":
    main()

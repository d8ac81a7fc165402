"""The training run, from configuration to checkpoints. Both stages are this loop."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from tqdm import tqdm

from zhclip.errors import ConfigError, DataError, TrainingError
from zhclip.evaluation import Recall
from zhclip.messages import translate
from zhclip.models.dual_encoder import DualEncoder
from zhclip.models.loading import LoadedModel
from zhclip.training.augmentation import Augmentation
from zhclip.training.batches import MicroBatches, steps
from zhclip.training.checkpoint import Checkpoints, Progress
from zhclip.training.config import RunConfig, load_config, save_config
from zhclip.training.data import ParallelTexts, TrainingPairs
from zhclip.training.filters import apply_filters
from zhclip.training.images import Images, PixelImages, cached_images
from zhclip.training.interpolation import interpolate
from zhclip.training.journal import Journal, plot_journal
from zhclip.training.objective import Objective
from zhclip.training.parallel import read_parallel
from zhclip.training.pooling import standardize_pooling
from zhclip.training.prototypes import Prototypes
from zhclip.training.schedule import Schedule, learning_rate_factor, schedule
from zhclip.training.sources import Sample, read_sources
from zhclip.training.teachers import ask_teachers
from zhclip.training.text_cache import TextCache
from zhclip.training.texts import Texts, TokenizedTexts
from zhclip.training.towers import assemble, keep_depthwise_in_float32, parameter_groups, train_mode
from zhclip.training.validation import Validation, mean_recall


def train(config: RunConfig) -> dict[str, Recall]:
    """Carry out a run, or what is left of it.

    Args:
        config: The run. If its output folder holds a run of the same configuration, it goes
            on from the latest checkpoint.

    Returns:
        The recall of the last validation, by language.

    Raises:
        ConfigError: The output folder holds a run of another configuration, or values do not fit.
        DataError: The data is missing or unusable.
        ModelError: A model is missing, damaged or of another shape.
        TrainingError: A checkpoint could not be written, or the loss is no number.
    """
    # ---- Processes, folder, seed ----
    accelerator = _accelerator(config)
    folder = _claim_folder(config, accelerator)
    torch.manual_seed(config.seed)

    # ---- Model and data ----
    model = assemble(config.model)
    # Channels last: convolutions run a third faster so, on CPUs and GPUs.
    dual_encoder = model.dual_encoder.to(device=accelerator.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if accelerator.device.type == "cpu":
        keep_depthwise_in_float32(dual_encoder)
    train_samples = _training_samples(config, accelerator)
    validation_samples = read_sources(config.data.validation, config.data.validation_languages)
    train_samples, images = _images(config, train_samples, model, accelerator, training=True)
    validation_samples, validation_images = _images(config, validation_samples, model, accelerator, training=False)
    pairs = TrainingPairs(
        train_samples,
        config.data.languages,
        model.text,
        captions=config.data.captions,
        apart=config.optimizer.batch_size // config.data.captions if config.data.batches == "by_source" else None,
        mask_tokens=config.data.mask_tokens,
        pieces=config.data.pieces,
        seed=config.seed,
    )
    parallel = _parallel_texts(config, model)
    prototypes = _prototypes(config, pairs, model, accelerator)
    teachers = ask_teachers(config, pairs, accelerator)
    if config.model.text.pooling:
        standardize_pooling(dual_encoder.text_tower, pairs.texts)
    as_given = _cache_texts(config, model, accelerator)
    pairs.texts = as_given(pairs.texts)
    if parallel is not None:
        parallel.first, parallel.second = as_given(parallel.first), as_given(parallel.second)
    if prototypes is not None:
        prototypes.texts = as_given(prototypes.texts)
    validation = Validation(
        validation_samples,
        validation_images,
        config.data.validation_languages,
        lambda strings: as_given(TokenizedTexts.from_strings(strings, model.text)),
        batch_size=config.validation.batch_size,
        workers=_workers(config, validation_images),
    )

    # ---- Optimizer, and where an earlier start left off ----
    objective = Objective(
        config.loss, config.data.captions, dual_encoder, images, pairs.texts, prototypes, teachers, accelerator
    )
    parameters = {
        f"model.{name}": value for name, value in dual_encoder.model.named_parameters()
    } | objective.parameters
    trained = [value for value in parameters.values() if value.requires_grad]
    groups = parameter_groups(dual_encoder, config.model, config.optimizer)
    groups[-1]["params"] += objective.parameters.values()
    optimizer = torch.optim.AdamW(groups, betas=config.optimizer.betas, eps=config.optimizer.epsilon)
    checkpoints = Checkpoints(folder, keep=config.checkpoint.keep)
    progress = checkpoints.load(dual_encoder.model, parameters, optimizer)
    prepared = accelerator.prepare(optimizer)
    if accelerator.scaler is not None and progress.scaler:
        accelerator.scaler.load_state_dict(progress.scaler)
    journal = Journal(folder / "log.jsonl", step=progress.step, accelerator=accelerator)

    # ---- The arithmetic of the run ----
    plan = schedule(config, pairs.pass_length, accelerator.num_processes)
    _announce(config, plan, dual_encoder, pairs, progress, accelerator)
    batches = MicroBatches(
        pairs,
        images,
        batch_size=config.optimizer.batch_size,
        per_step=plan.micro_batches,
        rank=accelerator.process_index,
        processes=accelerator.num_processes,
        captions=config.data.captions,
        parallel=parallel,
        parallel_batch_size=config.loss.parallel_batch_size,
        prototypes=prototypes,
        prototype_batch_size=config.loss.prototype_batch_size,
    )
    # A run that was stopped early has no steps left.
    until = progress.step if _out_of_patience(progress, config, accelerator) else plan.steps
    stream = steps(batches, plan.micro_batches, progress.step, until, workers=_workers(config, images))
    bar = tqdm(
        total=plan.steps * config.optimizer.batch_size,
        initial=progress.step * config.optimizer.batch_size,
        desc=translate("training"),
        unit="pair",
        unit_scale=True,
        smoothing=0.1,
        disable=not accelerator.is_main_process,
    )

    def validate() -> dict[str, Recall]:
        recalls = validation(dual_encoder, accelerator.autocast) if accelerator.is_main_process else {}
        if accelerator.is_main_process:
            journal.recall(progress.step, recalls)
            for language, value in recalls.items():
                tqdm.write(_recall_line(progress.step, language, value))
        return recalls

    # ---- Steps ----
    recalls: dict[str, Recall] = {}
    if config.validation.at_start and progress.step == 0:
        validate()
    started = time.perf_counter()
    for batch in stream:
        # All randomness of a step follows from its number: a resumed run draws the same.
        torch.manual_seed(config.seed * 1_000_003 + progress.step * 1009 + accelerator.process_index)
        train_mode(dual_encoder, config.model)
        factor = learning_rate_factor(progress.step, plan.steps, config.optimizer)
        for group in optimizer.param_groups:
            group["lr"] = group["base_lr"] * factor

        value = objective.backward(batch)
        if not math.isfinite(value):
            raise TrainingError(
                "the loss is {value} at step {step}; lower optimizer.learning_rate or lengthen "
                "optimizer.warmup_steps (and with fp16, try bf16 or fp32), then start anew in another "
                "output folder",
                value=value,
                step=progress.step + 1,
            )
        if accelerator.num_processes > 1:
            for parameter in trained:
                if parameter.grad is not None:
                    parameter.grad = accelerator.reduce(parameter.grad, "sum")
        norm = accelerator.clip_grad_norm_(trained, config.optimizer.gradient_clip or math.inf)
        prepared.step()
        prepared.zero_grad()
        with torch.no_grad():
            dual_encoder.logit_scale.clamp_(0, math.log(config.model.max_logit_scale))
        progress.step += 1

        # ---- Write down, validate, save ----
        for reason in [reason for part in batch for reason in part.unreadable]:
            tqdm.write(translate("left out, another picture took its place: {reason}", reason=reason))
        if accelerator.is_main_process:
            journal.training(
                progress.step,
                loss=value,
                learning_rate=config.optimizer.learning_rate * factor,
                logit_scale=dual_encoder.logit_scale.exp().item(),
                gradient_norm=float(norm),
                samples_per_second=config.optimizer.batch_size / (time.perf_counter() - started),
            )
        started = time.perf_counter()
        bar.set_postfix(loss=f"{value:.3f}", refresh=False)
        bar.update(config.optimizer.batch_size)
        last = progress.step == plan.steps
        validated = last or _due(progress.step, config.validation.every)
        if validated:
            recalls = validate()
            _note_recall(progress, mean_recall(recalls) if recalls else 0.0)
        if validated or _due(progress.step, config.checkpoint.every):
            progress.scaler = accelerator.scaler.state_dict() if accelerator.scaler is not None else {}
            if accelerator.is_main_process:
                checkpoints.save(model, parameters, optimizer, progress)
            accelerator.wait_for_everyone()
        if validated and _out_of_patience(progress, config, accelerator):
            accelerator.print(
                translate("stopped early: no better recall in {count} validations", count=config.validation.patience)
            )
            break
    bar.close()

    # ---- Afterwards ----
    if accelerator.is_main_process:
        if config.interpolation.weights:
            interpolate(config, folder, model, validation, accelerator)
        plot_journal(folder / "log.jsonl", folder / "plot.png")
        accelerator.print(
            translate(
                "best mean recall {recall:.2f} % at step {step}; the model is in {model}, the plot in {plot}",
                recall=progress.best_recall,
                step=progress.best_step,
                model=folder / "best",
                plot=folder / "plot.png",
            )
        )
    accelerator.end_training()
    return recalls


def _images(
    config: RunConfig, samples: list[Sample], model: LoadedModel, accelerator: Accelerator, *, training: bool
) -> tuple[list[Sample], Images]:
    """The pictures of samples, from the cache where the image tower is locked, and the samples that are left."""
    pictures = [sample.picture for sample in samples]
    augmentation = Augmentation(crop=config.data.augment.crop, flip=config.data.augment.flip)
    views = config.cache.views if config.cache.views is not None else int(config.model.image.state == "locked")
    if views == 0:
        return samples, PixelImages(pictures, model.image, augmentation if training else None)
    images, failures, usable = cached_images(
        pictures,
        model.dual_encoder,
        model.image,
        augmentation,
        config.cache,
        accelerator,
        views=views if training else 1,
        workers=config.data.workers,
    )
    for reason in failures[:5]:
        accelerator.print(translate("left out: {reason}", reason=reason))
    if len(usable) < len(samples):
        accelerator.print(
            translate(
                "{count} of {total} pictures cannot be read and are left out",
                count=len(samples) - len(usable),
                total=len(samples),
            )
        )
    if not len(usable):
        raise DataError(
            "none of the {count} pictures can be read; the first: {reason}",
            count=len(samples),
            reason=failures[0] if failures else "",
        )
    return [samples[row] for row in usable], images


def _training_samples(config: RunConfig, accelerator: Accelerator) -> list[Sample]:
    samples = read_sources(config.data.train, list(config.data.languages))
    kept, counts = apply_filters(samples, config.data.filters)
    if any(counts):
        accelerator.print(
            translate(
                "data.filters leave {count} of {total} pictures; left out: {counts}",
                count=len(kept),
                total=len(samples),
                counts=counts.describe(),
            )
        )
    if not kept:
        raise DataError(
            "data.filters leave none of {count} pictures ({counts}); loosen them",
            count=len(samples),
            counts=counts.describe(),
        )
    return kept


def _parallel_texts(config: RunConfig, model: LoadedModel) -> ParallelTexts | None:
    if not config.loss.parallel_weight:
        return None
    if not config.data.parallel:
        raise ConfigError("loss.parallel_weight is set, but data.parallel names no files")
    return ParallelTexts(read_parallel(config.data.parallel), model.text, seed=config.seed)


def _prototypes(
    config: RunConfig, pairs: TrainingPairs, model: LoadedModel, accelerator: Accelerator
) -> Prototypes | None:
    if not config.loss.prototype_weight:
        return None
    assert config.data.prototypes is not None, "the configuration is checked when it is read"
    images, _, _ = cached_images(
        pairs.pictures,
        model.dual_encoder,
        model.image,
        Augmentation(),
        config.cache,
        accelerator,
        views=1,
        workers=config.data.workers,
        whole=True,
    )
    return Prototypes(config.data.prototypes, images.plain(), model.text, seed=config.seed)


def _cache_texts(config: RunConfig, model: LoadedModel, accelerator: Accelerator) -> Callable[[Texts], Texts]:
    if not config.caches_texts:
        return lambda texts: texts
    return TextCache(Path(config.cache.folder).expanduser() / "texts", model.dual_encoder, accelerator)


def _workers(config: RunConfig, images: Images) -> int:
    # Cached features are read faster than they could be sent between processes.
    return config.data.workers if isinstance(images, PixelImages) else 0


def _accelerator(config: RunConfig) -> Accelerator:
    precision = {"fp32": "no", None: None}.get(config.optimizer.precision, config.optimizer.precision)
    tracker = None if config.tracker == "none" else config.tracker
    accelerator = Accelerator(mixed_precision=precision, log_with=tracker, project_dir=config.output)
    accelerator.init_trackers("tracker")
    if accelerator.device.type == "cpu":
        # ``accelerate launch`` allows one thread unless it is told another number.
        processes = int(os.environ.get("LOCAL_WORLD_SIZE", accelerator.num_processes))
        torch.set_num_threads(config.threads or max(1, _cores() // processes))
    return accelerator


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _claim_folder(config: RunConfig, accelerator: Accelerator) -> Path:
    """Make the run's folder, or see that the run in it is this one."""
    folder = Path(config.output).expanduser()
    resolved = folder / "config.yaml"
    if (folder / "latest").exists() and load_config(resolved) != config:
        earlier, now = load_config(resolved).model_dump(), config.model_dump()
        changed = ", ".join(name for name in now if now[name] != earlier[name])
        raise ConfigError(
            "{folder} holds a run of another configuration (they differ in: {changed}); set output "
            "to a new folder, or remove that one",
            folder=folder,
            changed=changed,
        )
    if accelerator.is_main_process and not (folder / "latest").exists():
        folder.mkdir(parents=True, exist_ok=True)
        save_config(config, resolved)
    accelerator.wait_for_everyone()
    return folder


def _announce(
    config: RunConfig,
    plan: Schedule,
    model: DualEncoder,
    pairs: TrainingPairs,
    progress: Progress,
    accelerator: Accelerator,
) -> None:
    sizes = {
        name: (
            sum([value.numel() for value in part.parameters() if value.requires_grad]) / 1e6,
            sum([value.numel() for value in part.parameters()]) / 1e6,
        )
        for name, part in (
            (translate("image tower"), model.image_tower),
            (translate("text tower"), model.text_tower),
            (translate("whole model"), model),
        )
    }
    batch = config.optimizer.batch_size
    for name, (trained, total) in sizes.items():
        accelerator.print(
            translate(
                "{name}: {total:.2f} M parameters, {trained:.2f} M trained, {frozen:.2f} M frozen",
                name=name,
                total=total,
                trained=trained,
                frozen=total - trained,
            )
        )
    accelerator.print(
        translate(
            "{pictures} pictures, {captions} captions; {steps} steps of {batch} pairs = {processes} process(es) x "
            "{micro_batches} micro-batch(es) x {micro_batch_size} pairs; {passes:.1f} passes",
            pictures=len(pairs),
            captions=len(pairs.texts.identities),
            steps=plan.steps,
            batch=batch,
            processes=accelerator.num_processes,
            micro_batches=plan.micro_batches,
            micro_batch_size=plan.micro_batch_size,
            passes=plan.steps * batch / config.data.captions / pairs.pass_length,
        )
    )
    if progress.step:
        accelerator.print(
            translate(
                "going on from step {step} of {steps} ({folder})",
                step=progress.step,
                steps=plan.steps,
                folder=f"{config.output}/latest",
            )
        )


def _recall_line(step: int, language: str, value: Recall) -> str:
    text = " ".join(f"{figure:5.1f}" for figure in value.text_to_image)
    image = " ".join(f"{figure:5.1f}" for figure in value.image_to_text)
    return translate(
        "step {step:6d}  {language}  text to image R@1/5/10 {text}  image to text {image}  mean {mean:5.2f}",
        step=step,
        language=language,
        text=text,
        image=image,
        mean=value.mean,
    )


def _due(step: int, every: int) -> bool:
    return every > 0 and step % every == 0


def _note_recall(progress: Progress, value: float) -> None:
    progress.validations_since_best += 1
    if value > progress.best_recall:
        progress.best_recall, progress.best_step, progress.validations_since_best = value, progress.step, 0


def _out_of_patience(progress: Progress, config: RunConfig, accelerator: Accelerator) -> bool:
    # Only the main process validates; the others follow its word.
    stop = config.validation.patience and progress.validations_since_best >= config.validation.patience
    word = torch.tensor([float(bool(stop) and accelerator.is_main_process)], device=accelerator.device)
    return bool(np.asarray(accelerator.reduce(word, "sum").cpu())[0] > 0)

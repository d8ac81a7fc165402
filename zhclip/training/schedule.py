"""The arithmetic of a run: steps, micro-batches, learning rate."""

from __future__ import annotations

import math
from typing import NamedTuple

from zhclip.errors import ConfigError
from zhclip.training.config import OptimizerConfig, RunConfig


class Schedule(NamedTuple):
    """How many steps a run has, and what a step is on each process."""

    steps: int
    micro_batches: int
    """A step, on each process."""
    micro_batch_size: int
    """Pairs."""


def schedule(config: RunConfig, pictures: int, processes: int) -> Schedule:
    """Work out a run.

    Raises:
        ConfigError: Batches cannot be shared evenly.
    """
    batch, micro = config.optimizer.batch_size, config.optimizer.micro_batch_size
    captions = config.data.captions
    if batch % processes:
        raise ConfigError(
            "optimizer.batch_size is {batch}, which {processes} processes cannot share evenly",
            batch=batch,
            processes=processes,
        )
    share = batch // processes
    if micro is not None and share % micro:
        raise ConfigError(
            "optimizer.micro_batch_size is {micro}, which does not divide a process's share of the batch, {share}",
            micro=micro,
            share=share,
        )
    if (micro or share) % captions:
        raise ConfigError(
            "data.captions is {captions}, which does not divide the {micro} pairs that a process "
            "computes at once; change optimizer.batch_size or optimizer.micro_batch_size",
            captions=captions,
            micro=micro or share,
        )
    per_step = share // micro if micro else 1
    if config.loss.parallel_weight and config.loss.parallel_batch_size % (processes * per_step):
        raise ConfigError(
            "loss.parallel_batch_size is {parallel_batch_size}; make it a multiple of {processes} "
            "(processes times micro-batches)",
            parallel_batch_size=config.loss.parallel_batch_size,
            processes=processes * per_step,
        )
    steps = max(1, math.ceil(config.optimizer.passes * pictures * captions / batch))
    return Schedule(min(steps, config.optimizer.max_steps or steps), per_step, share // per_step)


def learning_rate_factor(step: int, steps: int, config: OptimizerConfig) -> float:
    """Share of the learning rate at a step: linear warm-up, then a cosine to the final share."""
    warmup = min(config.warmup_steps, steps // 2)
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return config.final_learning_rate + (1 - config.final_learning_rate) * 0.5 * (1 + math.cos(math.pi * done))

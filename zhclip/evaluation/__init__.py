"""Evaluation: retrieval recall, zero-shot classification, reports."""

from zhclip.evaluation.retrieval import Recall, recall

__all__ = ["Recall", "recall"]

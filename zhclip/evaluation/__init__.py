"""Evaluation: retrieval recall, zero-shot classification, reports."""

from zhclip.evaluation.classification import Classification, Classifier, Guess, classify
from zhclip.evaluation.retrieval import Recall, recall

__all__ = ["Classification", "Classifier", "Guess", "Recall", "classify", "recall"]

"""Training: locked-image tuning, then joint contrastive finetuning.

``loop.py`` reads top to bottom; everything that it calls lies beside it.
"""

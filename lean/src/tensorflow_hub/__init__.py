"""Placeholder for tensorflow_hub in the lean environment: see tensorflow_placeholder."""

from tensorflow_placeholder import install

__version__ = "0.0.0+placeholder"
install(__name__)

"""The TensorFlow placeholders stand in for what is only named, and refuse what is called."""

from importlib.metadata import version
from pathlib import Path
from typing import Optional, Union
from zipfile import ZipFile

import pytest

tensorflow_placeholder = pytest.importorskip(
    "tensorflow_placeholder", reason="only the lean environment has the placeholders"
)

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorflow.python.types.core import GenericFunction  # noqa: E402

from lean import build_wheels  # noqa: E402


class TestNaming:
    def test_is_a_base_class(self) -> None:
        class Layer(tf.keras.layers.Layer, keras.Model):
            pass

        assert issubclass(Layer, tf.keras.layers.Layer)

    def test_is_an_annotation_and_can_be_subscripted(self) -> None:
        assert Optional[Union[tf.Tensor, tf.Tensor[int], GenericFunction]]  # noqa: UP007, UP045

    def test_is_a_decorator_that_leaves_the_function_alone(self) -> None:
        @tf.function
        def double(number: int) -> int:
            return 2 * number

        assert double(4) == 8

    def test_same_name_is_same_class(self) -> None:
        assert tf.Tensor is tf.Tensor

    def test_nothing_is_an_instance(self) -> None:
        assert not isinstance(3, tf.Tensor)

    def test_dunder_names_do_not_exist(self) -> None:
        with pytest.raises(AttributeError):
            _ = tf.__no_such_dunder__


class TestCalling:
    def test_what_rasa_calls_on_every_start_is_answered(self) -> None:
        tf.get_logger().setLevel("ERROR")
        tf.autograph.set_verbosity(0)
        tf.random.set_seed(1)

    def test_a_function_says_what_to_do(self) -> None:
        with pytest.raises(RuntimeError, match="make setup FULL=1"):
            tf.reduce_sum([1, 2], axis=0)

    def test_an_instance_of_a_subclass_says_what_to_do(self) -> None:
        class Model(keras.Model):
            pass

        with pytest.raises(RuntimeError, match="make setup FULL=1"):
            Model()


class TestWheels:
    def test_rasa_is_the_tested_version(self) -> None:
        assert version("rasa") == build_wheels.TESTED_RASA

    def test_each_distribution_that_rasa_asks_for_is_carried(self) -> None:
        for name, placeholder_version in build_wheels.asked_for_by_rasa():
            assert version(name) == placeholder_version

    def test_build_is_the_same_every_time(self, tmp_path: Path) -> None:
        first = [path.read_bytes() for path in build_wheels.build(tmp_path / "a")]
        second = [path.read_bytes() for path in build_wheels.build(tmp_path / "b")]
        assert first == second

    def test_only_the_holder_has_modules(self, tmp_path: Path) -> None:
        for wheel in build_wheels.build(tmp_path):
            modules = [name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name]
            assert bool(modules) == wheel.name.startswith("tensorflow_placeholder-")

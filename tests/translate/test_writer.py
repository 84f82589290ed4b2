"""Writing details that the laws do not single out."""

from msggw.translate.writer import find_path


def test_find_path_goes_through_dictionaries_and_attributes():
    """A missing part anywhere gives None."""

    class Thing:
        inner = {"x": 1}  # noqa: RUF012 - a stand-in for a model

    assert find_path({"thing": Thing()}, "thing.inner.x") == 1
    assert find_path({"thing": None}, "thing.inner.x") is None
    assert find_path({}, "thing.inner.x") is None
    assert find_path(Thing(), "other") is None

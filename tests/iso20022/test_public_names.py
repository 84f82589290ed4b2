"""The public interface."""

import msggw.iso20022 as package


def test_every_public_name_exists():
    """`__all__` is sorted by kind and complete."""
    assert all(hasattr(package, name) for name in package.__all__)
    assert len(set(package.__all__)) == len(package.__all__)

"""The worker is tried in the same still gateway as the desk."""

from tests.desk.conftest import line, new_house, sent, still

__all__ = ["line", "new_house", "sent", "still"]

"""Names of codes and tags, as data. None of them changes how a message is read."""

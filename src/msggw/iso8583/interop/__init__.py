"""Other libraries' forms: their spec files, their dicts. One library, one file."""

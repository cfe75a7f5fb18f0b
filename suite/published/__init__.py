"""The studies' own figures, as they printed them, to be shown beside ours; and their programs (``programs/``)."""

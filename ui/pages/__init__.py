"""One file a page: widgets, one call, widgets."""

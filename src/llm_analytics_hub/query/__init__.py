"""Questions: read from a request, checked, limited, answered."""

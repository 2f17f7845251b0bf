"""Authentication, authorization and connection caps: checked when a socket opens and while it is open."""

"""Images: preprocessing of photos, and out-of-distribution detection."""

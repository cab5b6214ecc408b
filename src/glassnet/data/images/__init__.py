"""Images: photos brought to the form of the training images, and out-of-distribution detection."""

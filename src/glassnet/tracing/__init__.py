"""The microscope: one example through forward, loss, backward and update, number by number."""

"""What the forms of Juri-PTCE take in."""

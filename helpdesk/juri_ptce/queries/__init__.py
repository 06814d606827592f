"""What the pages and the jobs read of Juri-PTCE."""

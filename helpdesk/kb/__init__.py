"""The knowledge base: answers and notes that everyone entitled can find, kept anonymous and kept true."""

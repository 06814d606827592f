"""Files that come into the knowledge base: changes of the law, past answers and sheets. Readers are pure."""

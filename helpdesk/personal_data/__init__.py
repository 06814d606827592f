"""How what tells who somebody is looks in a French text: shared by the question form and the knowledge base."""

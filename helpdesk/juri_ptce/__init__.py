"""« Juri-PTCE »: the monthly legal session of the PTCE, from the written question to the call and its account."""

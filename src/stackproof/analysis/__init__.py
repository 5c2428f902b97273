"""Questions asked of a plan or a state: what can reach what, and who may do what."""

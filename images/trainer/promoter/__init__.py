"""The promoter: lets a tag of a registry name the promoted adapter, and moves nothing else."""

"""Fine-tuning: one recipe for a checkpoint of a few megabytes and, through adapters, for the large one."""

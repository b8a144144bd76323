"""The metric map as a picture: where metrics stand, how links run."""

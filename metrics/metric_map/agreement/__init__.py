"""From a draft of the map to its publication: proposed, signed by all it concerns, confirmed."""

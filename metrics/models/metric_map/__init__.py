"""How metrics reach the top: links, editions of the map, agreement, evidence, worth, alerts."""

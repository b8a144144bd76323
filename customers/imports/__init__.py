"""From a file to purchases: columns, table, notations, reader, loader, returns, days, undo."""

"""Between the database and arrays: purchase days out, values in, one switch at the end."""

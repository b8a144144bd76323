"""What customers are worth, in numbers only: arrays in, arrays out, no Django.

The road: `purchases` become one history a customer; `learning` asks all of them, in sums, for the
`models` that foretell best; `worth` values each by these, with its doubt, and under other
conditions. `contracts` and `yearly` value customers who pay or give by the term. `appraisal` is
the one call that does all of it, `command` the same for files.
"""

"""What customers are worth, in numbers only: arrays in, arrays out, no Django and no files.

The road: purchase days -> `histories` -> a purchase model (`models.bg_nbd`, `models.nbd`) and a
spend model (`models.gamma_gamma`), guarded by `choice` -> `cash` -> checked by `holdout` ->
`appraisal`, which is the one call that does all of it. `portfolio` looks at them together.
"""

"""What customers are worth, in numbers only: arrays in, arrays out, no Django and no files.

The road: purchase days -> `histories` -> a purchase model (`bg_nbd`, `nbd`) and a spend model
(`gamma_gamma`), guarded by `choice` -> `cash` -> checked by `holdout` -> `appraisal`, which is
the one call that does all of it.
"""

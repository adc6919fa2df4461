"""Other people's trainers: our environments as their rollouts, our estimators and losses under their names.

`padded` is the one place where padded tensors become a `StepBatch` and advantages become tensors again; the
folders and files beside it are named after the libraries that they speak to.
"""

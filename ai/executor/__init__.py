"""The executor: carries out one step of an approved plan with tools in a sandbox."""

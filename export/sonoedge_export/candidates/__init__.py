"""Variants in the making: built, timed, compared with an earlier export."""

"""Hostile input for everything that reads what somebody else wrote: see CONTRIBUTING.md, "Fuzz".

make fuzz                        every entry point, 60 seconds each
make fuzz ENTRY=manifest FUZZ_INPUTS=100000
"""

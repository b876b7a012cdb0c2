"""One module for each entry point; `fuzz.table` names them."""

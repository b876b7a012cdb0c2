"""Which parts of a block of memory are free: first fit, neighbours merged."""

from __future__ import annotations

import bisect


class Extents:
    """Places for arrays of any sizes; what was given back is used before what was never used.

    So the memory that is ever touched stays near the most that was in use at one time,
    however often sizes change. Not thread-safe.

    Args:
        begin, end: the block, in bytes.

    Attributes:
        touched: no byte from here on was ever given out.
    """

    def __init__(self, begin: int, end: int) -> None:
        self._free = [(begin, end)]  # (begin, end), in order, never touching
        self.touched = begin

    def take(self, size: int) -> int | None:
        """Where `size` bytes are free; None where they are not."""
        for number, (begin, end) in enumerate(self._free):
            if end - begin >= size:
                if begin + size == end:
                    del self._free[number]
                else:
                    self._free[number] = (begin + size, end)
                self.touched = max(self.touched, begin + size)
                return begin
        return None

    def give_back(self, begin: int, size: int) -> None:
        """Free what `take` gave."""
        end = begin + size
        number = bisect.bisect(self._free, (begin, end))
        if number < len(self._free) and self._free[number][0] == end:
            end = self._free.pop(number)[1]
        if number and self._free[number - 1][1] == begin:
            begin = self._free.pop(number - 1)[0]
            number -= 1
        self._free.insert(number, (begin, end))

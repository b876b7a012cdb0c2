"""A network that is asked for a frame more than once: mirrored, or at another size as well."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lesionnet import Logits

MAPS = ("lesion", "malignancy")


class Views(nn.Module):
    """Logits of the mean of what a network's maps say to several views of a frame.

    Args:
        mirrored: the frame's mirror image is a view as well.
        also: side of a further view, pixels, a multiple of 32; None for none.
    """

    def __init__(
        self, network: nn.Module, *, mirrored: bool = False, also: int | None = None
    ) -> None:
        super().__init__()
        self.network, self.mirrored, self.also = network, mirrored, also

    @torch.no_grad()
    def forward(self, x: Tensor) -> Logits:
        """Args: x: float32 [B, 1, H, W] in [-1, 1]; H and W multiples of 32."""
        views = [x]
        if self.also is not None:
            side = (self.also, self.also)
            views.append(F.interpolate(x, side, mode="bilinear", antialias=True))
        answers: list[Logits] = [self.network(view) for view in views]
        if self.mirrored:
            for view in views:
                turned: Logits = self.network(view.flip(3))
                answers.append(turned | {name: turned[name].flip(3) for name in MAPS})
        whole = {name: answers[0][name].shape[2:] for name in MAPS}
        means = {
            name: torch.stack([_resized(a[name], whole[name]) for a in answers]).mean(0)
            for name in MAPS
        }
        return answers[0] | {name: torch.logit(mean, eps=1e-6) for name, mean in means.items()}


def _resized(logits: Tensor, shape: torch.Size) -> Tensor:
    probability = torch.sigmoid(logits.float())
    if probability.shape[2:] == shape:
        return probability
    return F.interpolate(probability, shape, mode="bilinear", antialias=True)

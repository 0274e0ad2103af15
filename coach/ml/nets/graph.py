"""The workflow graph's net: two graph convolutions with attention (GAT: Veličković et al. 2018, over the weighted walks of a
GCN) that say of each node how likely it is productive, and the feature-only logistic regression it must beat.

Attention weights a neighbour's say; it is no measure of what a transition does to focus.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

LEAK = 0.2
MOST = 10.0
"""Attention beyond e^10 would tell nothing more, and overflow."""


@dataclass(frozen=True)
class Config:
    """`embedding` numbers of a text are reduced to `reduced` by a fixed linear map (PCA)."""

    features: int
    embedding: int = 384
    reduced: int = 32
    hidden: int = 128
    layers: int = 2
    dropout: float = 0.3


class Convolution(nn.Module):
    """What a node's neighbours say, one head for each walk: along moves either way, and to what is near in time.

    Head h of node i: the mean of W x_j over j, weighted by P_ij exp(leaky(a . W x_i + b . W x_j)): a GAT's softmax over the
    ways of the walk P. Without attention (a = b = 0) it is the GCN's P W x. Since exp(leaky(x + y)) is the larger of
    exp(x) exp(y) and exp(x / 5) exp(y / 5), of which a row's mean may drop exp(x / 5), no exponential is taken of N x N
    numbers."""

    def __init__(self, size: int, hidden: int, heads: int = 2) -> None:
        super().__init__()
        self.heads, self.width = heads, hidden // heads
        self.value = nn.Linear(size, hidden, bias=False)
        self.own = nn.Linear(size, hidden)
        self.asking = nn.Parameter(torch.zeros(heads, self.width))
        self.asked = nn.Parameter(torch.zeros(heads, self.width))
        self.norm = nn.LayerNorm(hidden)

    def forward(self, x: Tensor, walks: Tensor) -> Tensor:
        """x (B, N, size), walks (B, heads, N, N) with rows that sum to 1 -> (B, N, hidden)."""
        b, n, _ = x.shape
        value = self.value(x).view(b, n, self.heads, self.width).transpose(1, 2)  # (B, heads, N, width)
        ask = (value * self.asking[:, None, :]).sum(-1, keepdim=True).clamp(-MOST, MOST)  # (B, heads, N, 1)
        say = (value * self.asked[:, None, :]).sum(-1, keepdim=True).transpose(2, 3).clamp(-MOST, MOST)  # (B, heads, 1, N)
        attention = torch.maximum(torch.exp((1 - LEAK) * ask) * torch.exp(say), torch.exp(LEAK * say))
        weight = attention * walks  # (B, heads, N, N); every row of a walk has a way
        heard = weight @ value / weight.sum(-1, keepdim=True)  # (B, heads, N, width)
        heard = heard.transpose(1, 2).reshape(b, n, self.heads * self.width)
        return functional.elu(self.norm(self.own(x) + heard))


class GraphNet(nn.Module):
    """`mean` and `basis` are the PCA, `shift` and `scale` standardise the features, `slope` and `offset` calibrate the net,
    `weight` and `bias` are the feature-only regression: all fixed when the net is trained or after."""

    mean: Tensor
    basis: Tensor
    shift: Tensor
    scale: Tensor
    weight: Tensor
    bias: Tensor
    slope: Tensor
    offset: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        size = config.reduced + config.features
        self.enter = nn.Linear(size, config.hidden)
        self.convolutions = nn.ModuleList(Convolution(config.hidden, config.hidden) for _ in range(config.layers))
        self.head = nn.Linear(config.hidden + size, 1)
        self.dropout = nn.Dropout(config.dropout)
        for name, shape in (
            ("mean", (config.embedding,)), ("basis", (config.embedding, config.reduced)), ("shift", (config.features,)),
            ("scale", (config.features,)), ("weight", (size,)), ("bias", ()), ("slope", ()), ("offset", ()),
        ):
            self.register_buffer(name, torch.ones(shape) if name in ("scale", "slope") else torch.zeros(shape))

    def read(self, text: Tensor, features: Tensor) -> Tensor:
        """(B, N, 384), (B, N, F) -> (B, N, reduced + F): what both the net and the regression know of a node by itself."""
        there = (text.abs().sum(-1, keepdim=True) > 0).to(text.dtype)
        reduced = ((text - self.mean) @ self.basis) * there
        return torch.cat([reduced, (features - self.shift) / self.scale], dim=-1)

    def logits(self, x: Tensor, moves: Tensor, near: Tensor) -> Tensor:
        """x as read, walks (B, N, N) -> (B, N), before calibration."""
        walks = torch.stack([moves, near], dim=1)
        h = functional.elu(self.enter(self.dropout(x)))
        for convolution in self.convolutions:
            h = h + convolution(self.dropout(h), walks)
        logits: Tensor = self.head(torch.cat([self.dropout(h), x], dim=-1)).squeeze(-1)
        return logits

    def forward(self, text: Tensor, features: Tensor, moves: Tensor, near: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities (B, N) that a node is productive: by the graph, by its features alone."""
        x = self.read(text, features)
        by_graph = torch.sigmoid(self.slope * self.logits(x, moves, near) + self.offset)
        by_features = torch.sigmoid(x @ self.weight + self.bias)
        return by_graph, by_features


def loss(logits: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean cross-entropy; all (B, N). Nodes without a truth have weight 0."""
    each = functional.binary_cross_entropy_with_logits(logits, torch.where(weight > 0, truth, 0.0), reduction="none")
    return (each * weight).sum() / weight.sum().clamp(min=1.0)

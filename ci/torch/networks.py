"""Networks and batches of the PyTorch side of the comparison: the same shapes, losses and optimiser as dirbench's recipes."""
import dataclasses

import torch
from torch import nn


def conv_norm(inputs, outputs, kernel, stride=1):
    """A convolution without bias and its batch normalisation."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs))


class Residual(nn.Module):
    """ReLU(branch(x) + shortcut(x)); the shortcut is a 1×1 convolution where the shape changes."""

    def __init__(self, branch, inputs, outputs, stride):
        super().__init__()
        self.branch = branch
        self.shortcut = nn.Identity() if inputs == outputs and stride == 1 else conv_norm(inputs, outputs, 1, stride)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(self.branch(x) + self.shortcut(x))


def basic(inputs, width, stride):
    branch = nn.Sequential(conv_norm(inputs, width, 3, stride), nn.ReLU(inplace=True), conv_norm(width, width, 3))
    return Residual(branch, inputs, width, stride), width


def bottleneck(inputs, width, stride):
    branch = nn.Sequential(conv_norm(inputs, width, 1), nn.ReLU(inplace=True), conv_norm(width, width, 3, stride), nn.ReLU(inplace=True),
                           conv_norm(width, 4 * width, 1))
    return Residual(branch, inputs, 4 * width, stride), 4 * width


class Faces(nn.Module):
    """A residual network with a linear regressor on the mean of its last feature map. forward returns prediction and feature."""

    def __init__(self, stem, inputs, block, width, blocks):
        super().__init__()
        layers = list(stem)
        for stage, count in enumerate(blocks):
            for i in range(count):
                layer, inputs = block(inputs, width << stage, 2 if stage > 0 and i == 0 else 1)
                layers.append(layer)
        self.encoder, self.regressor = nn.Sequential(*layers), nn.Linear(inputs, 1)

    def forward(self, images, calibrate=None):
        feature = self.encoder(images).mean((2, 3))
        if calibrate is not None:
            feature = calibrate(feature)
        return self.regressor(feature).squeeze(-1), feature


def tiny_resnet(width):
    """Three stages of two basic blocks."""
    return Faces([conv_norm(3, width, 3), nn.ReLU(inplace=True)], width, basic, width, (2, 2, 2))


def resnet50():
    stem = [conv_norm(3, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    return Faces(stem, 64, bottleneck, 64, (3, 4, 6, 3))


class Pairs(nn.Module):
    """STS-B: a BiLSTM on packed sequences of frozen word vectors, maxima over time, [u, v, |u-v|, u·v], a linear regressor."""

    def __init__(self, words=16000, embedding=100, hidden=100, layers=2, dropout=0.2):
        super().__init__()
        self.words = nn.Embedding(words, embedding)
        self.words.weight.requires_grad_(False)
        self.dropout = nn.Dropout(dropout)
        self.lstm = nn.LSTM(embedding, hidden, layers, bidirectional=True, batch_first=True)
        self.regressor = nn.Linear(8 * hidden, 1)

    def forward(self, sentences, calibrate=None):
        tokens, lengths = sentences  # [2B, T] and, on the host, [2B]
        packed = nn.utils.rnn.pack_padded_sequence(self.dropout(self.words(tokens)), lengths, batch_first=True, enforce_sorted=False)
        states, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        states = self.dropout(states).masked_fill((tokens[:, :states.shape[1]] == 0).unsqueeze(-1), float("-inf"))
        u, v = states.max(1)[0].chunk(2)
        feature = torch.cat([u, v, (u - v).abs(), u * v], 1)
        if calibrate is not None:
            feature = calibrate(feature)
        return self.regressor(feature).squeeze(-1), feature


@dataclasses.dataclass
class Network:
    """What the comparison needs to know about a benchmark at a scale."""
    build: object          # makes the module
    batch: int             # of dirbench's recipe
    size: int = 0          # of a square image; 0: sentence pairs
    loss: str = "l1"       # or mse
    lr: float = 1e-3
    decay: float = 0.0     # L2
    clip: float = 0.0      # of the gradient's norm; 0: none
    rows: int = 12208      # training samples of the real benchmark
    features: int = 0      # width of what FDS calibrates


NETWORKS = {
    "age-tiny": Network(lambda: tiny_resnet(16), 64, 32, features=64),
    "age-small": Network(lambda: tiny_resnet(32), 128, 64, features=128),
    "resnet50": Network(resnet50, 256, 224, features=2048),
    "sts-b-small": Network(Pairs, 128, loss="mse", decay=1e-5, clip=5, rows=5249, features=800),
}

# Words of a sentence of STS-B's training split: the logarithm's mean and standard deviation; at most 40 are used. The
# sentences have 12.0 ± 6.8 words.
LENGTHS = 2.36, 0.49


def inputs_of(network, batch, generator):
    """A batch of inputs as they come from a DataLoader: images [B, 3, S, S], or tokens [2B, T] and lengths [2B]."""
    if network.size:
        return torch.rand(batch, 3, network.size, network.size, generator=generator) * 2 - 1
    lengths = torch.empty(2 * batch).log_normal_(*LENGTHS, generator=generator).round().clamp(3, 40).long()
    tokens = torch.randint(1, 16000, (2 * batch, int(lengths.max())), generator=generator)
    return tokens.masked_fill(torch.arange(tokens.shape[1]) >= lengths.unsqueeze(1), 0), lengths


def labels_of(network, batch, generator):
    """Labels spread as AgeDB's and STS-B's, the latter in the unit of the network's target."""
    if network.size:
        return torch.empty(batch).normal_(50, 16, generator=generator).round().clamp(1, 101)
    return torch.empty(batch).normal_(2.7, 1.5, generator=generator).clamp(0, 5) / 5


def adam(module, network):
    """Adam, as one kernel where this PyTorch has it for the device."""
    parameters = [p for p in module.parameters() if p.requires_grad]
    options = {"lr": network.lr, "weight_decay": network.decay}
    try:
        return torch.optim.Adam(parameters, fused=True, **options)
    except (RuntimeError, TypeError):
        return torch.optim.Adam(parameters, **options)


def loss_of(network, prediction, label, weight):
    error = prediction.float() - label
    return (weight * (error.abs() if network.loss == "l1" else error.square())).mean()

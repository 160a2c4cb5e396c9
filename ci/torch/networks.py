"""Networks and batches of the PyTorch side of the comparison: the same shapes, losses and optimiser as dirbench's recipes."""
import dataclasses

import torch
from torch import nn
from torch.nn import functional


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


class UpProjection(nn.Module):
    """Bilinear enlargement to a size, then a residual block of 5×5 and 3×3 convolution whose shortcut is a 5×5 convolution."""

    def __init__(self, inputs, outputs):
        super().__init__()
        branch = nn.Sequential(conv_norm(inputs, outputs, 5), nn.ReLU(inplace=True), conv_norm(outputs, outputs, 3))
        self.block = Residual(branch, inputs, outputs, 1)
        self.block.shortcut = conv_norm(inputs, outputs, 5)

    def forward(self, x, size):
        return self.block(functional.interpolate(x, size=size, mode="bilinear", align_corners=False))


def conv_relu(inputs, outputs, kernel):
    return nn.Sequential(conv_norm(inputs, outputs, kernel), nn.ReLU(inplace=True))


class Depth(nn.Module):
    """NYUD2: encoder and decoder of Hu et al. (2019) with dirbench's tiny encoder, a stem and four basic blocks of stride 2."""

    def __init__(self, width):
        super().__init__()
        self.stem = nn.Sequential(conv_norm(3, width, 3, 2), nn.ReLU(inplace=True))
        channels = [width << stage for stage in range(4)]
        self.stages = nn.ModuleList(basic(inputs, outputs, 2)[0] for inputs, outputs in zip([width, *channels], channels))
        self.reduce = conv_relu(8 * width, 4 * width, 1)
        self.decoder = nn.ModuleList(UpProjection(4 * width >> step, 2 * width >> step) for step in range(4))
        self.ups = nn.ModuleList(UpProjection(inputs, width // 16) for inputs in channels)
        self.fuse = conv_relu(4 * (width // 16), width // 4, 5)
        self.refine = nn.Sequential(conv_relu(width // 2, width // 2, 5), conv_relu(width // 2, width // 2, 5))
        self.regressor = nn.Conv2d(width // 2, 1, 5, padding=2)

    def forward(self, images, calibrate=None):
        x, taps = self.stem(images), []
        for stage in self.stages:
            x = stage(x)
            taps.append(x)
        size = [2 * n for n in taps[0].shape[2:]]
        x = self.reduce(x)
        for up, to in zip(self.decoder, [tap.shape[2:] for tap in taps[2::-1]] + [size]):
            x = up(x, to)
        fused = self.fuse(torch.cat([up(tap, size) for up, tap in zip(self.ups, taps)], 1))
        feature = self.refine(torch.cat([x, fused], 1))
        return self.regressor(feature).squeeze(1), feature


def conv_norm1d(inputs, outputs, kernel, stride=1):
    return nn.Sequential(nn.Conv1d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm1d(outputs))


class Windows(nn.Module):
    """Windows [N, C, S] to features [N, hidden]: a stem, three stages of one basic block of 7 taps, average, linear layer."""

    def __init__(self, channels, width, hidden):
        super().__init__()
        layers, inputs = [conv_norm1d(channels, width, 15, 4), nn.ReLU(inplace=True), nn.MaxPool1d(3, 2, 1)], width
        for outputs in (width, 2 * width, 4 * width):
            branch = nn.Sequential(conv_norm1d(inputs, outputs, 7, 2), nn.ReLU(inplace=True), conv_norm1d(outputs, outputs, 7))
            block = Residual(branch, outputs, outputs, 1)
            block.shortcut = conv_norm1d(inputs, outputs, 1, 2)
            layers.append(block)
            inputs = outputs
        self.encoder, self.feature = nn.Sequential(*layers), nn.Linear(inputs, hidden)

    def forward(self, x):
        return self.feature(self.encoder(x).mean(2))


class SRU(nn.Module):
    """The simple recurrent unit of Lei et al. (2018) over x [B, T, H]; steps where the mask is 0 leave the state as it is."""

    def __init__(self, hidden):
        super().__init__()
        self.gates = nn.Linear(hidden, 3 * hidden)

    def forward(self, x, mask):
        state, forget, reset = self.gates(x).chunk(3, 2)
        forget = forget.sigmoid() * mask + (1 - mask)
        added, last, states = (1 - forget) * state, torch.zeros_like(x[:, 0]), []
        for t in range(x.shape[1]):
            last = forget[:, t] * last + added[:, t]
            states.append(last)
        reset = reset.sigmoid()
        return reset * torch.stack(states, 1).tanh() + (1 - reset) * x


class Signals(nn.Module):
    """SHHS: for each channel group a ResNet over the samples of a window and an SRU over the windows, whose outputs are averaged."""

    def __init__(self, width, hidden):
        super().__init__()
        self.windows = nn.ModuleList(Windows(channels, width, hidden) for channels, _ in GROUPS)
        self.recurrent = nn.ModuleList(SRU(hidden) for _ in GROUPS)
        self.regressor = nn.Linear(len(GROUPS) * hidden, 1)

    def forward(self, recordings, calibrate=None):
        *groups, mask = recordings  # [B, W, C, S] each and [B, W, 1]
        summaries = []
        for x, windows, recurrent in zip(groups, self.windows, self.recurrent):
            states = recurrent(windows(x.flatten(0, 1)).unflatten(0, x.shape[:2]), mask)
            summaries.append((states * mask).sum(1) / mask.sum(1))
        feature = torch.cat(summaries, 1)
        return self.regressor(feature).squeeze(-1), feature


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


class Table(nn.Module):
    """A multi-layer perceptron on standardised columns."""

    def __init__(self, columns, widths):
        super().__init__()
        layers = []
        for inputs, outputs in zip((columns, *widths), widths):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        self.encoder, self.regressor = nn.Sequential(*layers), nn.Linear(widths[-1], 1)

    def forward(self, rows, calibrate=None):
        feature = self.encoder(rows)
        if calibrate is not None:
            feature = calibrate(feature)
        return self.regressor(feature).squeeze(-1), feature


@dataclasses.dataclass
class Network:
    """What the comparison needs to know about a benchmark at a scale."""
    build: object          # makes the module
    kind: str              # faces, depth, signals, pairs or rows
    batch: int             # of dirbench's recipe
    size: int = 0          # of the square image of a face
    loss: str = "l1"       # or mse
    lr: float = 1e-3
    decay: float = 0.0     # L2; of rows as AdamW has it
    clip: float = 0.0      # of the gradient's norm; 0: none
    rows: int = 12208      # training samples of the real benchmark
    features: int = 0      # width of what FDS calibrates

    @property
    def images(self):
        return self.kind in ("faces", "depth")


# Columns of a table.
COLUMNS = 8

NETWORKS = {
    "age-tiny": Network(lambda: tiny_resnet(16), "faces", 64, 32, features=64),
    "age-small": Network(lambda: tiny_resnet(32), "faces", 128, 64, features=128),
    "resnet50": Network(resnet50, "faces", 256, 224, features=2048),
    "sts-b-small": Network(Pairs, "pairs", 128, loss="mse", decay=1e-5, clip=5, rows=5249, features=800),
    "nyud2-tiny": Network(lambda: Depth(32), "depth", 16, loss="mse", decay=1e-4, rows=50688),
    "shhs-tiny": Network(lambda: Signals(8, 16), "signals", 16, rows=1892),
    "table-small": Network(lambda: Table(COLUMNS, (20, 30, 10)), "rows", 64, decay=0.01, rows=582),
}

# Words of a sentence of STS-B's training split: the logarithm's mean and standard deviation; at most 40 are used. The
# sentences have 12.0 ± 6.8 words.
LENGTHS = 2.36, 0.49

# Channels of SHHS's groups, EEG, ECG and breathing, and samples of a window of 30 s; a recording has four windows.
GROUPS = (2, 1920), (1, 3750), (3, 240)
WINDOWS = 4

# The field of view of a frame of NYUD2 at scale tiny, and the size at which depths are predicted.
VIEW, DEPTHS = (57, 76), (30, 38)


def inputs_of(network, batch, generator):
    """A batch of inputs as they come from a DataLoader: images [B, 3, H, W]; tokens [2B, T] and lengths [2B]; or for each group of
    channels windows [B, W, C, S], and a mask [B, W, 1]; or rows [B, D]."""
    if network.images:
        height, width = VIEW if network.kind == "depth" else (network.size, network.size)
        return torch.rand(batch, 3, height, width, generator=generator) * 2 - 1
    if network.kind == "signals":
        groups = [torch.randn(batch, WINDOWS, channels, samples, generator=generator) for channels, samples in GROUPS]
        return *groups, torch.ones(batch, WINDOWS, 1)
    if network.kind == "rows":
        return torch.randn(batch, COLUMNS, generator=generator)
    lengths = torch.empty(2 * batch).log_normal_(*LENGTHS, generator=generator).round().clamp(3, 40).long()
    tokens = torch.randint(1, 16000, (2 * batch, int(lengths.max())), generator=generator)
    return tokens.masked_fill(torch.arange(tokens.shape[1]) >= lengths.unsqueeze(1), 0), lengths


def on_device(network, inputs, device):
    """Moves a batch to a device, but for the lengths of sentences, which PyTorch wants on the host."""
    if network.images or network.kind == "rows":
        return inputs.to(device)
    if network.kind == "pairs":
        return inputs[0].to(device), inputs[1]
    return tuple(x.to(device) for x in inputs)


def labels_of(network, batch, generator):
    """Labels spread as those of the benchmark, similarities in the unit of the network's target."""
    if network.kind == "pairs":
        return torch.empty(batch).normal_(2.7, 1.5, generator=generator).clamp(0, 5) / 5
    if network.kind == "depth":
        return torch.empty(batch, *DEPTHS).normal_(2.9, 1.4, generator=generator).clamp(0.7, 10)
    return torch.empty(batch).normal_(50, 16, generator=generator).round().clamp(1, 101)


def adam(module, network):
    """Adam, or AdamW for rows, as one kernel where this PyTorch has it for the device."""
    method = torch.optim.AdamW if network.kind == "rows" else torch.optim.Adam
    parameters = [p for p in module.parameters() if p.requires_grad]
    options = {"lr": network.lr, "weight_decay": network.decay}
    try:
        return method(parameters, fused=True, **options)
    except (RuntimeError, TypeError):
        return method(parameters, **options)


def loss_of(network, prediction, label, weight):
    error = prediction.float() - label
    return (weight * (error.abs() if network.loss == "l1" else error.square())).mean()

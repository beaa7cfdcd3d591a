"""Makes state dictionaries of networks as people build them around torchvision's and PyTorch's own, and
what each answers.

    python3 make_wrapped_and_recurrent.py

Needs torch (1.13 was used), h5py and numpy. Writes `<name>.torch.h5`, under PyTorch's names in their own
order, and `<name>/input` and `<name>/output` in `networks_io.h5`.
"""

import os

import h5py
import torch
from torch import nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride > 1:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Residual(nn.Module):
    """A small network under torchvision's names; `head` is what stands behind the pooling."""

    def __init__(self, name="fc", head=None):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 4, 3, 1, 1, bias=False), nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(Block(4, 4, 1))
        self.layer2 = nn.Sequential(Block(4, 7, 2))
        self.last = name
        setattr(self, name, head or nn.Linear(7, 5))

    def forward(self, x):
        x = self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x)))))
        return getattr(self, self.last)(x.mean((2, 3)))


class Plain(nn.Module):
    """VGG's names, but for the dense layers."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 4, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(4, 6, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Sequential(
            nn.Linear(24, 9), nn.ReLU(), nn.Dropout(), nn.Linear(9, 3))

    def forward(self, x):
        return self.head(self.features(x).flatten(1))


class Wrapper(nn.Module):
    def __init__(self, word, inner, last=None):
        super().__init__()
        self.word, self.has_last = word, last is not None
        setattr(self, word, inner)
        if last is not None:
            self.projector = last

    def forward(self, x):
        x = getattr(self, self.word)(x)
        return self.projector(x) if self.has_last else x


class Steps(nn.Module):
    """A recurrent module of 8 units over 6 features, and a dense layer on its last step; with both
    directions, on their last states."""

    def __init__(self, kind, words=0, head=None, **settings):
        super().__init__()
        self.words = words
        if words:
            self.embedding = nn.Embedding(words, 6)
        self.rnn = kind(6, 8, batch_first=True, **settings)
        self.fc = head or nn.Linear(16 if self.rnn.bidirectional else 8, 3)

    def forward(self, x):
        y, state = self.rnn(self.embedding(x.long()) if self.words else x)
        state = state[0] if isinstance(state, tuple) else state
        if self.rnn.bidirectional:
            return self.fc(torch.cat([state[-2], state[-1]], 1))
        return self.fc(y[:, -1])


IMAGE, STEPS = (3, 8, 8), (7, 6)
MODELS = {
    "wrapped_resnet": (lambda: Wrapper("backbone", Residual()), IMAGE),
    "headed_resnet": (lambda: Residual("fc", nn.Sequential(
        nn.Linear(7, 6), nn.ReLU(), nn.Linear(6, 5))), IMAGE),
    "projected_resnet": (lambda: Wrapper("vision_model", Residual("fc", nn.Identity()),
                                         nn.Sequential(nn.Linear(7, 7), nn.BatchNorm1d(7),
                                                       nn.ReLU(), nn.Linear(7, 3))), IMAGE),
    "wrapped_vgg": (lambda: Wrapper("encoder", Plain()), IMAGE),
    "torch_lstm": (lambda: Steps(nn.LSTM), STEPS),
    "torch_gru": (lambda: Steps(nn.GRU, num_layers=2), STEPS),
    "torch_rnn": (lambda: Steps(nn.RNN, bias=False), STEPS),
    "torch_words": (lambda: Steps(nn.LSTM, words=11, head=nn.Sequential(
        nn.Linear(8, 7), nn.ReLU(), nn.Linear(7, 3))), (7,)),
    "torch_both": (lambda: Steps(nn.GRU, num_layers=2, bidirectional=True), STEPS),
    "torch_projected": (lambda: Steps(nn.LSTM, proj_size=5, head=nn.Sequential(
        nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3))), STEPS),
}


def main():
    with h5py.File(os.path.join(HERE, "networks_io.h5"), "w") as io:
        for seed, (name, (make, shape)) in enumerate(MODELS.items()):
            torch.manual_seed(seed)
            net = make().eval()
            with torch.no_grad():
                for key, value in net.state_dict().items():
                    if key.endswith("running_var"):
                        value.uniform_(0.5, 2)
                    elif value.is_floating_point():
                        value.normal_(0, 0.5)
                x = torch.randn(3, *shape)
                if len(shape) == 1:
                    x = torch.randint(0, 11, (3, *shape)).float()
                y = net(x)
            with h5py.File(os.path.join(HERE, name + ".torch.h5"), "w", track_order=True,
                           libver="latest") as file:
                for key, value in net.state_dict().items():
                    file[key] = value.numpy()
            io[name + "/input"], io[name + "/output"] = x.numpy(), y.numpy()
            print(name, y.abs().max().item())


main()

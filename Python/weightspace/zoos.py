"""Collections of models: training, indexing, scanning, trees, archives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._call import call, calls
from ._inputs import Data, Inputs, Model
from ._program import Option, PathLike, listed
from ._result import Result, Skipped


@dataclass(kw_only=True)
class SameModels:
    """Models with the same contents."""

    content: str
    files: list[str]


@dataclass(kw_only=True)
class TiedTensors:
    """Tensors of a file with the same elements."""

    file: str
    tensors: list[str]
    bytes: int


@dataclass(kw_only=True)
class SharedTensor:
    """A tensor that several models have."""

    hash: str
    bytes: int
    tensors: list[str]
    count: int
    files: list[str]


@dataclass(kw_only=True)
class Finding:
    """A file that is gone, changed or damaged."""

    file: str
    kind: str
    reason: str


@dataclass(kw_only=True)
class TreeAccuracy:
    """How many edges and trees are right, where they are known."""

    edges: float
    trees: float
    known_edges: int


@dataclass(kw_only=True)
class BuiltModel:
    """A model of a zoo that was trained, or was there."""

    name: str
    file: str
    status: str
    test_loss: float | None = None
    test_accuracy: float | None = None
    seconds: float | None = None


@dataclass(kw_only=True, repr=False)
class ZooBuild(Result):
    """A trained zoo."""

    spec: str
    output: str
    models: list[BuiltModel]

    _items = "models"


@dataclass(kw_only=True, repr=False)
class ZooIndexing(Result):
    """What an index holds, and what was read."""

    index: str
    models: int
    tensors: int
    parameters: int
    architectures: int
    labels: list[str]
    read: int
    unchanged: int
    removed: int
    failures: list[Skipped]
    seconds: float


@dataclass(kw_only=True, repr=False)
class ZooScan(Result):
    """What a scan computed."""

    index: str
    metrics: list[str]
    scanned: int
    unchanged: int
    failures: list[Skipped]
    shard: str | None = None


@dataclass(kw_only=True, repr=False)
class Duplicates(Result):
    """Models and tensors that are there more than once."""

    index: str
    models: list[SameModels]
    tied: list[TiedTensors]
    shared: list[SharedTensor]
    unhashed: int
    not_compared: int


@dataclass(kw_only=True, repr=False)
class Verification(Result):
    """Files that are gone, changed or damaged."""

    index: str
    models: int
    compared: int
    findings: list[Finding]

    _items = "findings"


@dataclass(kw_only=True)
class Tree:
    """Models of one root."""

    id: str
    root: str
    models: list[str]


@dataclass(kw_only=True)
class Edge:
    """Who descends from whom."""

    child: str
    parent: str
    merged: list[str]
    kind: str
    score: float
    distance: float


@dataclass(kw_only=True, repr=False)
class Trees(Result):
    """The trees of the models of an index."""

    index: str
    layers: list[str]
    trees: list[Tree]
    edges: list[Edge]
    evidence: list[str]
    skipped: list[Skipped]
    accuracy: TreeAccuracy | None = None

    _items = "edges"


@dataclass(kw_only=True, repr=False)
class Route(Result):
    """Which tree a file belongs to."""

    file: str
    tree: str | None = None
    distance: float | None = None
    known: bool | None = None
    nearest: str | None = None
    error: str | None = None


@dataclass(kw_only=True)
class PackedModel:
    """A model in the archive."""

    name: str
    bytes: int
    stored_bytes: int
    sha256: str
    parent: str | None = None


@dataclass(kw_only=True)
class NotPacked:
    """A file that is not in the archive."""

    file: str
    reason: str


@dataclass(kw_only=True, repr=False)
class ZooPack(Result):
    """An archive of models."""

    command: str
    output: str
    models: list[PackedModel]
    left_out: list[NotPacked]
    bytes: int
    stored_bytes: int

    _items = "models"


@dataclass(kw_only=True, repr=False)
class ZooUnpack(Result):
    """What came out of an archive."""

    command: str
    output: str
    models: list[str]


def zoo_build(
    spec: PathLike, output: PathLike, *, resume: bool = False, force: bool = False, **options: Option
) -> ZooBuild:
    """Trains the zoo that a spec describes, into a folder."""
    return call(
        ZooBuild, "zoo build", [spec], {"output": output, "resume": resume, "force": force, **options}
    )


def zoo_index(
    *paths: PathLike, output: PathLike, labels: PathLike | None = None, **options: Option
) -> ZooIndexing:
    """Indexes every model below some folders. An index that is there is brought up to date."""
    return call(ZooIndexing, "zoo index", paths, {"output": output, "labels": labels, **options})


def zoo_scan(
    index: PathLike,
    *,
    metrics: str | Sequence[str] | None = None,
    where: str | None = None,
    data: Data | None = None,
    **options: Option,
) -> ZooScan:
    """Computes metrics of the models of an index: what is missing, and only that."""
    with Inputs() as inputs:
        given = {"metrics": listed(metrics), "where": where, "data": inputs.data(data)}
        return call(ZooScan, "zoo scan", [index], {**given, **options}, inputs=inputs)


def zoo_trees(
    index: PathLike, *, layer: str | None = None, truth: PathLike | None = None, **options: Option
) -> Trees:
    """The trees of the models of an index, and who descends from whom."""
    return call(Trees, "zoo trees", [index], {"layer": layer, "truth": truth, **options})


def zoo_route(index: PathLike, *models: Model, **options: Option) -> list[Route]:
    """Which tree of an index each model belongs to, if to any."""
    with Inputs() as inputs:
        return calls(Route, "zoo route", [index, *inputs.models(models)], options, inputs=inputs)


def zoo_duplicates(index: PathLike, **options: Option) -> Duplicates:
    """Models that are the same, tied weights, and tensors that models share."""
    return call(Duplicates, "zoo duplicates", [index], options)


def zoo_verify(index: PathLike, **options: Option) -> Verification:
    """Files that are gone, changed or damaged since they were indexed."""
    return call(Verification, "zoo verify", [index], options)


def zoo_pack(*paths: PathLike, output: PathLike, **options: Option) -> ZooPack:
    """Stores models as one archive, fine-tunes as differences."""
    return call(ZooPack, "zoo pack", paths, {"output": output, **options})


def zoo_unpack(archive: PathLike, output: PathLike, **options: Option) -> ZooUnpack:
    """Restores the files of an archive, byte for byte."""
    return call(ZooUnpack, "zoo unpack", [archive], {"output": output, **options})

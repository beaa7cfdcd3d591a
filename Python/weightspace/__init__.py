"""Neural networks through their weights: the program ``wsl`` for Python.

    import weightspace as ws

    found = ws.match(a, b)                       # paths, state dicts, PyTorch modules, Keras models
    found.permutations["fc1"]                    # arrays of NumPy
    ws.connect(a, b, data=(x, y), match=True)    # draws its curves in a notebook
    ws.Index("zoo.sqlite").frame()               # a frame of pandas

Every function runs one command of the program and returns a dataclass with the keys of its JSON in
snake_case. Options that a function does not name are passed on: ``match(a, b, frozen="fc1")`` fails
as ``wsl match --frozen fc1`` does, with a ``UsageError``.
"""

from importlib.metadata import PackageNotFoundError, version

from ._errors import (
    BadDataError,
    CannotWriteError,
    InterruptedWork,
    NoInputError,
    ProgramMissing,
    UsageError,
    WeightSpaceError,
    WeightSpaceWarning,
)
from ._evaluator import Candidate, Evaluator
from ._inputs import Data, Model
from ._program import program
from ._result import Result
from .comparing import Difference, diff
from .connecting import Connection, Curve, connect
from .converting import Conversion, convert
from .curvature import Hessian, Landscape, Similarity, hessian, landscape, similarity
from .evaluating import Evaluation, evaluate
from .index import Index
from .inspecting import Inspection, inspect, inspect_all
from .matching import Matching, Permutation, SeveralMatching, match, match_several, permute
from .merging import Merge, merge
from .patching import Patch, patch, patch_list
from .probes import (
    ProbeEvaluation,
    ProbePrediction,
    ProbeSearch,
    ProbeTraining,
    probe_evaluate,
    probe_predict,
    probe_search,
    probe_train,
)
from .signatures import (
    Signature,
    SignatureComparison,
    SignatureSweep,
    signature_compare,
    signature_extract,
    signature_info,
    signature_sweep,
)
from .spectra import Spectrum, SpectrumComparison, spectrum, spectrum_all, spectrum_compare
from .studies import Multiplicity, Phases, ScalingLaw, phases, zoo_multiplicity, zoo_phases, zoo_scaling
from .zoos import (
    Duplicates,
    Route,
    Trees,
    Verification,
    ZooBuild,
    ZooIndexing,
    ZooPack,
    ZooScan,
    ZooUnpack,
    zoo_build,
    zoo_duplicates,
    zoo_index,
    zoo_pack,
    zoo_route,
    zoo_scan,
    zoo_trees,
    zoo_unpack,
    zoo_verify,
)

try:
    __version__ = version("weight-space-lab")
except PackageNotFoundError:
    __version__ = "0"

__all__ = [
    "BadDataError",
    "Candidate",
    "CannotWriteError",
    "Connection",
    "Conversion",
    "Curve",
    "Data",
    "Difference",
    "Duplicates",
    "Evaluation",
    "Evaluator",
    "Hessian",
    "Index",
    "Inspection",
    "InterruptedWork",
    "Landscape",
    "Matching",
    "Merge",
    "Model",
    "Multiplicity",
    "NoInputError",
    "Patch",
    "Permutation",
    "Phases",
    "ProbeEvaluation",
    "ProbePrediction",
    "ProbeSearch",
    "ProbeTraining",
    "ProgramMissing",
    "Result",
    "Route",
    "ScalingLaw",
    "SeveralMatching",
    "Signature",
    "SignatureComparison",
    "SignatureSweep",
    "Similarity",
    "Spectrum",
    "SpectrumComparison",
    "Trees",
    "UsageError",
    "Verification",
    "WeightSpaceError",
    "WeightSpaceWarning",
    "ZooBuild",
    "ZooIndexing",
    "ZooPack",
    "ZooScan",
    "ZooUnpack",
    "connect",
    "convert",
    "diff",
    "evaluate",
    "hessian",
    "inspect",
    "inspect_all",
    "landscape",
    "match",
    "match_several",
    "merge",
    "patch",
    "patch_list",
    "permute",
    "phases",
    "probe_evaluate",
    "probe_predict",
    "probe_search",
    "probe_train",
    "program",
    "signature_compare",
    "signature_extract",
    "signature_info",
    "signature_sweep",
    "similarity",
    "spectrum",
    "spectrum_all",
    "spectrum_compare",
    "zoo_build",
    "zoo_duplicates",
    "zoo_index",
    "zoo_multiplicity",
    "zoo_pack",
    "zoo_phases",
    "zoo_route",
    "zoo_scaling",
    "zoo_scan",
    "zoo_trees",
    "zoo_unpack",
    "zoo_verify",
]

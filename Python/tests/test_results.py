"""Keys of the program's JSON, errors, display, and what stands between them."""

import json
import math
import unittest
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np
from networks import dense

import weightspace as ws
from weightspace import _safetensors
from weightspace._decode import decode, snake
from weightspace._errors import error
from weightspace._program import options

GOLDEN = Path(__file__).resolve().parents[2] / "Tests/ContractTests/Golden"

#: Which dataclass holds what a recorded command says.
KINDS = {
    "connect": ws.Connection,
    "connect-several": ws.Connection,
    "connect-bezier": ws.Connection,
    "convert": ws.Conversion,
    "diff": ws.Difference,
    "diff-above": ws.Difference,
    "evaluate": ws.Evaluation,
    "evaluate-corruptions": ws.Evaluation,
    "hessian": ws.Hessian,
    "hessian-density": ws.Hessian,
    "inspect": ws.Inspection,
    "inspect-all": ws.Inspection,
    "inspect-check": ws.Inspection,
    "landscape": ws.Landscape,
    "landscape-through": ws.Landscape,
    "match": ws.Matching,
    "match-activations": ws.Matching,
    "match-output": ws.Matching,
    "match-scaled": ws.Matching,
    "match-several": ws.SeveralMatching,
    "match-universe": ws.SeveralMatching,
    "merge": ws.Merge,
    "merge-match": ws.Merge,
    "merge-repair": ws.Merge,
    "merge-ties": ws.Merge,
    "patch": ws.Patch,
    "patch-dry": ws.Patch,
    "patch-list": ws.Patch,
    "patch-remove": ws.Patch,
    "permute": ws.Permutation,
    "phases": ws.Phases,
    "phases-given": ws.Phases,
    "probe-evaluate": ws.ProbeEvaluation,
    "probe-predict": ws.ProbePrediction,
    "probe-train": ws.ProbeTraining,
    "signature-compare": ws.SignatureComparison,
    "signature-extract": ws.Signature,
    "signature-info": ws.Signature,
    "signature-sweep": ws.SignatureSweep,
    "similarity": ws.Similarity,
    "spectrum": ws.Spectrum,
    "spectrum-compare": ws.SpectrumComparison,
    "spectrum-plot": ws.Spectrum,
    "spectrum-weightwatcher": ws.Spectrum,
    "zoo-build": ws.ZooBuild,
    "zoo-duplicates": ws.Duplicates,
    "zoo-index": ws.ZooIndexing,
    "zoo-multiplicity": ws.Multiplicity,
    "zoo-pack": ws.ZooPack,
    "zoo-phases": ws.Phases,
    "zoo-scaling": ws.ScalingLaw,
    "zoo-scan-cells": ws.ZooScan,
    "zoo-route": ws.Route,
    "zoo-scan": ws.ZooScan,
    "zoo-shard": ws.ZooScan,
    "zoo-unpack": ws.ZooUnpack,
    "zoo-verify": ws.Verification,
}

#: Keys that are another attribute, because every result has a method of that name.
RENAMED = {"summary": "averages", "rows": "points"}


def recorded(name):
    """The JSON of a golden file, with a number for each that is masked."""
    text = (GOLDEN / f"{name}.json.txt").read_text()
    body = text.split("--- output\n")[1].split("\n--- errors")[0].strip()
    if not body:
        return []  # the command fails, and that is recorded
    body = body.replace("#,…", "0").replace("#", "0")
    found = json.loads(body)
    return found if isinstance(found, list) else [found]


def unknown(kind, document, made, place):
    """The keys of a document that the dataclass made from it does not have."""
    known = {field.name for field in fields(made)}
    for key, value in document.items():
        name = RENAMED.get(snake(key), snake(key))
        if name not in known:
            yield f"{place}.{key}"
            continue
        held = getattr(made, name)
        pairs = zip(value, held) if isinstance(value, list) and isinstance(held, list) else [(value, held)]
        for inner, attribute in pairs:
            if isinstance(inner, dict) and is_dataclass(attribute):
                yield from unknown(kind, inner, attribute, f"{place}.{key}")


class Keys(unittest.TestCase):
    @unittest.skipUnless(GOLDEN.is_dir(), "the recorded outputs are not here")
    def test_every_recorded_key_is_an_attribute(self):
        for name, kind in KINDS.items():
            with self.subTest(name):
                for document in recorded(name):
                    made = decode(kind, document)
                    self.assertEqual(list(unknown(kind, document, made, name)), [])
                    self.assertIsInstance(made._repr_html_(), str)

    @unittest.skipUnless(GOLDEN.is_dir(), "the recorded outputs are not here")
    def test_every_recorded_json_has_a_dataclass(self):
        there = {path.name.removesuffix(".json.txt") for path in GOLDEN.glob("*.json.txt")}
        # Tables of an index are rows, and what a page or a look at the machine says has no dataclass.
        rest = {name for name in there if name.startswith(("zoo-list", "zoo-submit", "data-", "report-"))}
        rest |= {"doctor", "zoo-columns", "zoo-show", "zoo-export", "zoo-merge", "zoo-trees"}
        self.assertEqual(there - set(KINDS) - rest, set())

    def test_names(self):
        cases = {
            "leftOut": "left_out",
            "D": "d",
            "lambdaMax": "lambda_max",
            "from": "from_",
            "aMiddle": "a_middle",
            "meanSVCCA": "mean_svcca",
            "l2": "l2",
            "sha256": "sha256",
            "test_loss": "test_loss",
        }
        for key, name in cases.items():
            self.assertEqual(snake(key), name)

    def test_numbers_that_are_not_finite(self):
        score = {
            "file": "a",
            "cleanAccuracy": None,
            "cleanLoss": 1,
            "lossFunction": "",
            "target": "",
            "corruptions": [],
        }
        document = {
            "data": "d",
            "split": "test",
            "examples": 3,
            "seed": 0,
            "scale": "cifar",
            "models": [score],
            "warnings": ["w"],
            "newKey": 1,
        }
        made = decode(ws.Evaluation, document)
        self.assertTrue(math.isnan(made.models[0].clean_accuracy))
        self.assertIsNone(made.models[0].mean_robust_accuracy)
        self.assertEqual((made.warnings, made.raw["newKey"]), (["w"], 1))


class Errors(unittest.TestCase):
    def test_a_missing_file(self):
        with self.assertRaises(ws.NoInputError) as caught:
            ws.inspect("nothing.h5")
        self.assertEqual((caught.exception.code, caught.exception.kind), (66, "noInput"))
        self.assertIn("nothing.h5", str(caught.exception))
        # As Python's own: what handles a missing file handles this one.
        self.assertIsInstance(caught.exception, FileNotFoundError)

    def test_a_wrong_option(self):
        with self.assertRaises(ws.UsageError) as caught:
            ws.inspect("nothing.h5", tensor=True)
        self.assertIn("--tensors", str(caught.exception))

    def test_what_the_program_says_is_taken_apart(self):
        said = {"code": "badData", "message": "damaged", "where": ["a.h5", "fc1"], "remedy": "copy it again"}
        made = error(65, json.dumps({"error": said}), "error: other")
        self.assertIsInstance(made, ws.BadDataError)
        self.assertEqual(
            (made.message, made.where, made.remedy), ("damaged", ["a.h5", "fc1"], "copy it again")
        )
        self.assertEqual(str(made), "a.h5 › fc1: damaged; copy it again")
        self.assertEqual(error(65, "", "warning: x\nerror: this\n").message, "this")
        self.assertEqual(error(-9, "", "").code, -9)

    def test_options_as_words(self):
        self.assertEqual(
            options(
                {
                    "fail_above": 0.5,
                    "match": True,
                    "force": False,
                    "measures": False,
                    "freeze": ["a", "b"],
                    "seed": 0,
                    "base": None,
                }
            ),
            [
                "--fail-above",
                "0.5",
                "--match",
                "--no-measures",
                "--freeze",
                "a",
                "--freeze",
                "b",
                "--seed",
                "0",
            ],
        )


class Display(unittest.TestCase):
    def test_names_stay_text(self):
        state = dense(1)
        state["<script>alert(1)</script>.weight"] = state.pop("fc1.weight")
        with self.assertWarns(ws.WeightSpaceWarning):
            page = ws.inspect(state)._repr_html_()
        self.assertNotIn("<script", page)
        self.assertIn("&lt;script&gt;", page)

    def test_a_connection_draws_its_curves(self):
        found = ws.connect(
            dense(1),
            dense(2),
            evaluator=lambda candidate: 1.0,
            points=3,
            measures=False,
            assume=["row", "relu"],
        )
        self.assertTrue(found.figures)
        self.assertIn("<svg", found._repr_html_())
        self.assertEqual(len(found.rows()), 3)


class Safetensors(unittest.TestCase):
    def test_element_types_come_back(self):
        import tempfile

        tensors = {
            "a": np.arange(6, dtype=np.float64).reshape(2, 3),
            "b": np.float16([1.5]),
            "c": np.int8([[-1]]),
            "d": np.array([True, False]),
            "e": np.array(3.0, np.float32),
            "f": np.zeros((0, 4), np.uint16),
            "g": np.arange(4, dtype=">i4"),
            "h": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        }
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "t.safetensors"
            _safetensors.write(path, tensors)
            back = _safetensors.read(path)
            self.assertEqual(list(back), list(tensors))
            for name, value in tensors.items():
                np.testing.assert_array_equal(back[name], value)
            # The program reads the same file.
            with self.assertWarns(ws.WeightSpaceWarning):
                seen = ws.inspect(path)
            self.assertEqual(seen.tensor_count, len(tensors))
            numbers = [value for value in tensors.values() if value.dtype.kind == "f"]
            self.assertEqual(seen.parameters, sum(value.size for value in numbers))

    def test_other_types_are_refused(self):
        with self.assertRaisesRegex(TypeError, "complex128"):
            ws.inspect({"a": np.array([1j])})


if __name__ == "__main__":
    unittest.main()

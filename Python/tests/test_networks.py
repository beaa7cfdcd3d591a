"""Matching, connecting, merging and comparing networks in memory, beside NumPy's own arithmetic."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
from networks import cross_entropy, data, dense, permuted

import weightspace as ws

#: What a state dict does not say of its network.
READING = ["row", "relu"]


class Memory(unittest.TestCase):
    def setUp(self):
        self.a = dense(1)
        self.b, self.orders = permuted(self.a, 2)

    def test_match_finds_the_permutation_and_gives_the_state_back(self):
        found = ws.match(self.a, self.b, restarts=3, assume=READING)
        self.assertEqual(sorted(found.permutations), ["fc1", "fc2"])
        for group, order in self.orders.items():
            np.testing.assert_array_equal(found.permutations[group], order)
        self.assertLess(found.l2.after, 1e-6)
        # The same bits: permuting moves numbers and does not compute with them.
        for name, value in self.a.items():
            np.testing.assert_array_equal(found.model[name], value)

    def test_connect_measures_what_numpy_measures(self):
        examples, labels = data()
        other = dense(3)
        found = ws.connect(
            self.a, other, data=(examples, labels), points=3, measures=False, assume=READING, figures=False
        )
        curve = found.curve("naive")
        np.testing.assert_array_equal(curve.t, [0, 0.5, 1])
        for place, loss, accuracy in zip(curve.t, curve.loss, curve.accuracy):
            mixed = {name: (1 - place) * self.a[name] + place * other[name] for name in self.a}
            right = cross_entropy(mixed, examples, labels)
            # The program computes in Float32: sums of 64 products.
            self.assertAlmostEqual(loss, right[0], delta=1e-5 * right[0])
            self.assertAlmostEqual(accuracy, right[1], delta=1e-9)

    def test_an_evaluator_is_asked_about_every_place(self):
        other, asked = dense(3), []

        def loss(candidate):
            arrays = candidate.arrays()
            asked.append(candidate.split)
            return float(arrays["fc1.bias"][0]), 0.5

        found = ws.connect(self.a, other, evaluator=loss, points=5, measures=False, assume=READING)
        curve = found.curve()
        ends = (self.a["fc1.bias"][0], other["fc1.bias"][0])
        np.testing.assert_allclose(curve.loss, ends[0] + curve.t * (ends[1] - ends[0]), atol=1e-7)
        self.assertEqual(set(asked), {"test"})
        self.assertGreaterEqual(len(asked), 5)

    def test_an_exception_of_an_evaluator_comes_back(self):
        def broken(candidate):
            raise ZeroDivisionError("mine")

        with self.assertRaisesRegex(ZeroDivisionError, "mine"):
            ws.connect(self.a, self.b, evaluator=broken, points=2, measures=False, assume=READING)

    def test_merge_gives_the_mean_back(self):
        other = dense(3)
        merged = ws.merge(self.a, other)
        for name, value in self.a.items():
            np.testing.assert_allclose(merged.model[name], (value + other[name]) / 2, atol=1e-7)
        weighted = ws.merge(self.a, other, weights=[0.25, 0.75])
        np.testing.assert_allclose(
            weighted.model["fc1.bias"], 0.25 * self.a["fc1.bias"] + 0.75 * other["fc1.bias"], atol=1e-7
        )

    def test_diff_measures_distances(self):
        other = {name: value.copy() for name, value in self.a.items()}
        other["fc2.bias"][4] += 0.5
        found = ws.diff(self.a, other)
        self.assertFalse(found.identical)
        self.assertEqual(found.total.changed_tensors, 1)
        row = next(row for row in found.tensors if row.name == "fc2.bias")
        self.assertAlmostEqual(row.largest_change, 0.5, delta=1e-6)
        self.assertAlmostEqual(row.l2, 0.5, delta=1e-6)
        self.assertTrue(ws.diff(self.a, self.a).identical)
        self.assertEqual(ws.diff(self.a, other, fail_above=1e-6).exit_code, 2)

    def test_inspect_and_convert(self):
        seen = ws.inspect(self.a, assume=READING, check=True)
        self.assertEqual(seen.parameters, sum(value.size for value in self.a.values()))
        self.assertEqual({each.group: each.size for each in seen.symmetries}, {"fc1": 12, "fc2": 9})
        self.assertTrue(seen.check.holds)
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "a.npz"
            self.assertEqual(ws.convert(self.a, written).tensors, 6)
            with np.load(written) as arrays:
                np.testing.assert_array_equal(arrays["fc3.weight"], self.a["fc3.weight"])

    def test_spectrum_measures_norms(self):
        found = ws.spectrum(self.a)
        kernels = [value for name, value in self.a.items() if name.endswith("weight")]
        # log10 of the squared Frobenius norm; sums in Float64.
        right = [np.log10((kernel.astype(np.float64) ** 2).sum()) for kernel in kernels]
        np.testing.assert_allclose(found.column("log_norm"), right, rtol=1e-9)
        foreign = ws.spectrum(self.a, compat="weightwatcher")
        self.assertIn("log_spectral_norm", foreign.layers[0])
        with self.assertRaises(KeyError):
            found.column("nothing")

    def test_a_network_of_another_shape_is_refused(self):
        other = {name: value for name, value in self.a.items() if not name.startswith("fc3")}
        with self.assertRaises(ws.WeightSpaceError):
            ws.merge(self.a, other)


if __name__ == "__main__":
    unittest.main()

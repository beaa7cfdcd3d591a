"""A small zoo: trained, indexed, scanned, asked; signatures and probes of it."""

import importlib.util
import tempfile
import unittest
import warnings
from pathlib import Path

import numpy as np
from networks import dense

import weightspace as ws

SPEC = """\
name: small
data: digits
model: {kind: mlp, widths: [16], activation: relu}
training: {optimizer: sgd, learning-rate: 0.1, batch-size: 64, epochs: 2}
grid:
  model.widths: [[8], [16]]
  training.epochs: [1, 3]
seeds: [0, 1]
"""

HAS_PANDAS = importlib.util.find_spec("pandas") is not None


class Zoo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._kept = tempfile.TemporaryDirectory()
        cls.folder = Path(cls._kept.name)
        spec = cls.folder / "small.yaml"
        spec.write_text(SPEC)
        cls.built = ws.zoo_build(spec, cls.folder / "zoo")
        cls.indexed = ws.zoo_index(cls.folder / "zoo", output=cls.folder / "zoo.sqlite")
        cls.index = ws.Index(cls.folder / "zoo.sqlite")

    @classmethod
    def tearDownClass(cls):
        cls._kept.cleanup()

    def test_built_and_indexed(self):
        self.assertEqual(len(self.built.models), 8)
        self.assertEqual((self.indexed.models, self.indexed.failures), (8, []))

    def test_an_index_is_a_table(self):
        self.assertEqual(len(self.index), 8)
        self.assertIn("test_accuracy", self.index.columns)
        accuracy = self.index["test_accuracy"]
        self.assertEqual((accuracy.dtype, accuracy.shape), (np.float64, (8,)))
        self.assertEqual(self.index["name"].dtype, object)
        part = self.index.where("width = 8").where("epochs = 3")
        self.assertEqual(len(part), 2)
        self.assertEqual({row["width"] for row in part}, {8})
        best = self.index.rows("name,test_accuracy", sort="-test_accuracy", limit=1)[0]
        self.assertEqual(best["test_accuracy"], accuracy.max())
        groups = self.index.groups("width", "avg(test_accuracy)")
        for group in groups:
            mean = accuracy[self.index["width"] == group["width"]].mean()
            self.assertAlmostEqual(group["avg(test_accuracy)"], mean, delta=1e-12)
        self.assertIn("<table>", self.index._repr_html_())

    def test_a_wrong_column_says_so(self):
        with self.assertRaisesRegex(ws.UsageError, "nme"):
            self.index["nme"]

    @unittest.skipUnless(HAS_PANDAS, "pandas is not installed")
    def test_frames(self):
        frame = self.index.frame()
        self.assertEqual(len(frame), 8)
        self.assertAlmostEqual(frame.test_accuracy.max(), self.index["test_accuracy"].max())
        spectrum = ws.spectrum(self.built.models[0].file).frame()
        self.assertIn("alpha", spectrum.columns)

    @unittest.skipIf(HAS_PANDAS, "pandas is installed")
    def test_without_pandas(self):
        with self.assertRaisesRegex(ImportError, "pandas"):
            self.index.frame()

    def test_scan_and_results(self):
        scanned = self.index.scan("statistics")
        self.assertEqual(scanned.metrics, ["statistics"])
        self.assertEqual(len(self.index.of("statistics").where("width = 8")), 4 * 4)
        self.assertEqual(ws.zoo_verify(self.index.path).findings, [])

    def test_evaluate_says_what_the_training_wrote(self):
        row = self.index.rows("file,test_accuracy,test_loss")[0]
        score = ws.evaluate(row["file"], data="digits").models[0]
        self.assertAlmostEqual(score.clean_accuracy, row["test_accuracy"], delta=1e-6)
        self.assertAlmostEqual(score.clean_loss, row["test_loss"], delta=1e-5)

    def test_curvature_and_likeness(self):
        files = self.index.where("width = 16")["file"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ws.WeightSpaceWarning)
            found = ws.hessian(files[0], data="digits", limit=60, products=30, top=2, density=False)
        self.assertEqual(found.top_eigenvalues.shape, (2,))
        self.assertGreater(found.top_eigenvalues[0], found.top_eigenvalues[1])
        same = ws.similarity(files[0], files[0], data="digits", limit=60)
        self.assertAlmostEqual(same.layers[0].mean_cka, 1, delta=1e-6)
        plane = ws.landscape(files[0], data="digits", through=list(files[1:3]), points=3, limit=30)
        self.assertEqual(plane.loss.shape, (len(plane.ys), len(plane.xs)))
        self.assertTrue(plane.figures)

    def test_signatures_go_in_and_out(self):
        random = np.random.default_rng(1)

        def moved(state, size):
            return {
                name: value + random.normal(0, size, value.shape).astype(np.float32)
                for name, value in state.items()
            }

        root = dense(1)
        standard = moved(root, 0.02)
        robust = moved(standard, 0.05)
        signature = self.folder / "own.rws.h5"
        made = ws.signature_extract(
            pretrained=root,
            standard=standard,
            robust=robust,
            output=signature,
            name="own",
            levels="none",
            projection=False,
            assume=["row", "relu"],
        )
        self.assertEqual((made.name, ws.signature_info(signature).identifier), ("own", made.identifier))
        compared = ws.signature_compare(signature, signature)
        np.testing.assert_allclose(compared.cosine, np.ones((2, 2)), atol=1e-12)

        file, patched, restored = (self.folder / f"{name}.safetensors" for name in ("a", "b", "c"))
        ws.convert(standard, file)
        ws.patch(file, add={str(signature): 0.5}, output=patched, assume=["row", "relu"])
        self.assertEqual([(each.name, each.alpha) for each in ws.patch_list(patched).stack], [("own", 0.5)])
        # In memory the same as in a file, and in the direction of the robust network.
        added = ws.patch(standard, add={str(signature): 0.5}, assume=["row", "relu"])
        self.assertTrue(ws.diff(added.model, patched).identical)
        change = added.model["fc2.weight"] - standard["fc2.weight"]
        self.assertGreater(np.vdot(change, robust["fc2.weight"] - standard["fc2.weight"]), 0)
        ws.patch(patched, remove="own", output=restored)
        self.assertEqual(file.read_bytes(), restored.read_bytes())

    def test_phases_of_a_table(self):
        lines = ["width,bs,train_loss,mc,cka"]
        for width in range(1, 5):
            for size in range(1, 4):
                low = width > 2
                lines.append(
                    f"{width},{size},{0.01 if low else 1.5},{0 if size > 1 else -20},{0.9 if low else 0.2}"
                )
        table = self.folder / "grid.csv"
        table.write_text("\n".join(lines) + "\n")
        thresholds = {"loss": 0.1, "connectivity": 1, "similarity": 0.65}
        with self.assertWarnsRegex(ws.WeightSpaceWarning, "one model"):
            found = ws.phases(table, load="width", temperature="bs", thresholds=thresholds)
        phases = {(cell.load, cell.temperature): cell.phase for cell in found.cells}
        self.assertEqual(phases[(4, 3)], "IV-B")
        self.assertEqual(phases[(1, 1)], "I")
        self.assertEqual(phases[(1, 3)], "II")
        self.assertEqual(phases[(4, 1)], "III")


if __name__ == "__main__":
    unittest.main()

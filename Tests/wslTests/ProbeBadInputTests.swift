import Foundation
import Support
import TestSupport
import Testing

/// What probes make of models that do not fit: named and left out, or one line that says why.
///
/// Tried by hand beside them with the safetensors library, of 30 models of 12 × 8: integers in place of
/// floats (no such layer), infinity, all zeros (taken as they are), the same layer as a stack of two
/// matrices (taken as one with all rows), an empty label (the model is left out), a label with white space
/// around it (was a class of its own, now the same class), a column that is a number for some and text
/// for others (classes; refused with --task regression), a class of one model (was said nowhere, now in a
/// warning), two and four models (fewer than folds: refused).
@Suite("Bad input of probes", .serialized)
struct ProbeBadInputTests {
  /// Changes one model of a zoo.
  private typealias Change = (_ values: inout [Float], _ metadata: inout [String: String]) -> Void

  @Test("one model that does not fit is named, and the rest is learned from")
  func one() throws {
    let cases: [(name: String, reason: String, change: Change)] = [
      ("no label", "it has no kind", { $1["kind"] = nil }),
      ("an empty label", "it has no kind", { $1["kind"] = "" }),
      ("a blank label", "it has no kind", { $1["kind"] = "  " }),
      ("nan", "element 5 is nan", { values, _ in values[5] = .nan }),
      ("infinity", "element 95 is inf", { values, _ in values[95] = .infinity }),
      ("wider", "12×9", { values, _ in values += [Float](repeating: 1, count: 12) }),
      ("narrower", "12×7", { values, _ in values.removeLast(12) }),
    ]
    for (name, reason, change) in cases {
      let folder = try Scratch()
      let index = try ProbeZoo().index(folder) { model, values, metadata in
        if model == 7 { change(&values, &metadata) }
      }
      for kind in ["dense", "statistics", "probex", "moments"] {
        let trained = try ProbeZoo.train(
          index, "kind", folder.path(kind + ".h5"),
          [
            "--kind", kind, "--no-baselines", "--epochs", "5", "--probes", "2", "--projections",
            "2",
          ])
        #expect(trained.code == 0, "\(name), \(kind): \(trained.errors)")
        let result = try trained.json()
        #expect(result["models"]?.integer == 29)
        let skipped = try #require(result["skipped"]?.array)
        #expect(
          skipped.count == 1 && skipped[0]["file"]?.string?.hasSuffix("m007.safetensors") == true)
        #expect(
          skipped[0]["reason"]?.string?.contains(reason) == true, "\(name), \(kind): \(skipped)")
        let warnings = result["warnings"]?.array?.compactMap(\.string) ?? []
        #expect(warnings.contains { $0.contains("m007") })
      }
    }
  }

  @Test("labels that differ in white space are one class")
  func whiteSpace() throws {
    let folder = try Scratch()
    let index = try ProbeZoo().index(folder) { model, _, metadata in
      if model == 5 { metadata["kind"] = " dog" }
      if model == 6 { metadata["kind"] = "cat  " }
    }
    let trained = try ProbeZoo.train(index, "kind", folder.path("p.h5"), ["--kind", "dense"])
    #expect(try trained.json()["classes"]?.array?.compactMap(\.string) == ["cat", "dog"])
    #expect(try trained.json()["models"]?.integer == 30)
  }

  @Test("a class of too few models is named")
  func rare() throws {
    let folder = try Scratch()
    let index = try ProbeZoo().index(folder) { model, _, metadata in
      if model == 5 { metadata["kind"] = "bird" }
    }
    let trained = try ProbeZoo.train(index, "kind", folder.path("p.h5"), ["--kind", "dense"])
    #expect(trained.code == 0, "\(trained.errors)")
    let warnings = try trained.json()["warnings"]?.array?.compactMap(\.string) ?? []
    #expect(warnings.contains { $0.contains("class bird") }, "\(warnings)")
  }

  @Test("a probe applied to models of another architecture")
  func architecture() throws {
    let folder = try Scratch()
    let index = try ProbeZoo().index(folder)
    var wide = ProbeZoo()
    (wide.rows, wide.columns) = (10, 9)
    let other = try wide.index(folder, "other")
    let birds = try ProbeZoo().index(folder, "birds") { _, _, metadata in metadata["kind"] = "bird"
    }
    let probe = folder.path("p.h5")
    let trained = try ProbeZoo.train(index, "kind", probe, ["--kind", "dense"])
    #expect(trained.code == 0, "\(trained.errors)")
    let file = folder.path("other/m001.safetensors")
    for (words, code, says) in [
      (["predict", probe, file], 65, "10×9, and the probe reads 12×8"),
      (["predict", probe, other], 3, "10×9"),
      (["evaluate", probe, other], 65, "10×9"),
      (["evaluate", probe, birds], 65, "does not know the class 'bird'"),
      (["evaluate", probe, index, "--target", "nothing"], 64, "no column 'nothing'"),
      (["search", probe, other, "--like", folder.path("zoo/m001.safetensors")], 65, "10×9"),
      (["search", probe, index, "--like", file], 65, "10×9"),
    ] {
      let refused = try Tool.run(["probe"] + words)
      #expect(refused.code == code, "\(words): \(refused.errors)")
      #expect((refused.errors + refused.output).contains(says), "\(words): \(refused.errors)")
    }
  }
}

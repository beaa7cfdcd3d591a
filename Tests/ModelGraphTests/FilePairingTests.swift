import Catalogs
import ModelGraph
import Support
import Testing

/// Pairs by names and shapes, where no graph tells.
///
/// Tried by hand with `diff`, on two models of Keras 3.15 that are 1 % apart and whose counters begin
/// elsewhere, each as `.keras`, `.h5` and `.weights.h5` beside each of the other's: dense rows of 4 and
/// of 12, convolutions with normalisations, branches, a model in a model, LSTMs, attention, a class of its
/// own, layers made in another order, another head. All rows say 1 %, but where `.h5` stood beside
/// `.weights.h5` and names alone were left: beta beside gamma, `dense_10` beside `dense_8` (see
/// `kerasFiles`). Attention's tensors are left unpaired between `.h5` and `.keras`. With
/// `merge --shared-only`: bodies under `bert.`, `model.bert.`, `module.`, `_orig_mod.module.`, one word
/// within, heads on one side and on both, 4 of 8 layers, blocks from 1, another vocabulary: averaged with
/// their partners; two bodies in one file, and a word of its own on both sides: refused.
@Suite("Pairs of files")
struct FilePairingTests {
  private func pairing(
    _ a: [(String, [Int])], _ b: [(String, [Int])], transposing: Bool = false
  ) throws -> FilePairing {
    try FilePairing(
      Catalog(a), Catalog(b), graphs: (nil, nil), transposing: transposing)
  }

  /// `a ~ b` for every pair, with the letter of its reason where that is not the name.
  private func text(
    _ found: FilePairing, _ a: [(String, [Int])], _ b: [(String, [Int])]
  ) -> [String] {
    found.pairs.map { pair in
      let mark =
        switch pair.reason {
        case .name: ""
        case .order: " o"
        case .shapeAndOrder: " s"
        case .graph: " g"
        }
      return "\(a[pair.first].0) ~ \(b[pair.second].0)\(mark)"
    }
  }

  @Test("names first, then shapes in order where both have as many; the rest is added and removed")
  func shapes() throws {
    let a = [
      ("w", [2, 3]), ("ka", [4, 4]), ("r", [5]), ("kb", [4, 4]), ("lost", [9]), ("u", [7]),
    ]
    let b = [
      ("new", [8]), ("ca", [4, 4]), ("r", [6]), ("cb", [4, 4]), ("w", [2, 3]), ("va", [7]),
      ("vb", [7]),
    ]
    let found = try pairing(a, b)
    #expect(text(found, a, b) == ["w ~ w", "ka ~ ca s", "kb ~ cb s"])
    #expect(found.reshaped.map(\.first) == [2] && found.reshaped.map(\.second) == [2])
    #expect(found.removed == [4, 5] && found.added == [0, 5, 6])
    #expect(found.notes.count == 2)
  }

  @Test("dots and slashes are the same in names, where that is clear")
  func paths() throws {
    let shape = [2, 2]
    let a = [("a.w", shape), ("b.w", shape), ("c.w", shape), ("c/w", shape), ("d.w", [3])]
    let b = [("c.w", shape), ("b/w", shape), ("a/w:0", shape), ("d/w", [4])]
    let found = try pairing(a, b)
    #expect(text(found, a, b) == ["a.w ~ a/w:0", "b.w ~ b/w", "c.w ~ c.w"])
    #expect(found.reshaped.map(\.first) == [4] && found.removed == [3] && found.added.isEmpty)
  }

  @Test("kernels are transposed only when that is asked for")
  func transposing() throws {
    let a = [("dense", [3, 5]), ("conv", [3, 3, 2, 7])]
    for (first, second) in [("dense", "conv"), ("fc", "c")] {
      let b = [(first, [5, 3]), (second, [7, 2, 3, 3])]
      #expect(try pairing(a, b).pairs.isEmpty)
      let stated = try pairing(a, b, transposing: true)
      #expect(stated.pairs.map(\.axes) == [[1, 0], [2, 3, 1, 0]])
    }
  }

  @Test("what is no part of the network does not stand in the way of a guess")
  func optimizerState() throws {
    let a = [("dense/kernel", [2, 3])]
    let b = [("fc/kernel", [2, 3]), ("optimizer/m", [2, 3])]
    let found = try pairing(a, b)
    #expect(text(found, a, b) == ["dense/kernel ~ fc/kernel s"])
    #expect(found.added == [1] && found.removed.isEmpty)
  }

  /// Layers of one shape with some names, and a head.
  private func row(_ names: [String], _ head: Int = 3) -> [(String, [Int])] {
    names.dropLast().map { ($0 + "/kernel", [8, 8]) } + [
      ((names.last ?? "") + "/kernel", [8, head])
    ]
  }

  @Test("numbers from different counts go in order where shapes fit, the head as it is")
  func counters() throws {
    let a = row(["dense", "dense_1", "dense_2"])
    let b = row(["dense_2", "dense_3", "dense_10"], 5)
    // As HDF5 lists them: letter by letter.
    let listed = [b[2], b[0], b[1]]
    let found = try pairing(a, listed)
    #expect(
      text(found, a, listed) == [
        "dense/kernel ~ dense_2/kernel o", "dense_1/kernel ~ dense_3/kernel o",
      ])
    #expect(found.reshaped.map(\.second) == [0] && found.removed.isEmpty && found.added.isEmpty)
    #expect(found.notes.count == 1 && found.notes[0].contains("different counts"))
  }

  @Test(
    "numbers that tell nothing are left unpaired, in a sentence",
    arguments: [
      // Another number of layers, from another count; the count says which layers are gone, or not.
      (["dense_1", "dense_2", "dense_3"], ["dense_2", "dense_3", "dense_4", "dense_5"]),
      (["dense_1", "dense_2", "dense_3"], ["dense_2", "dense_3"]),
      (["0", "2", "4"], ["1", "3"]),
    ])
  func refused(_ a: [String], _ b: [String]) throws {
    let found = try pairing(row(a), row(b))
    #expect(found.pairs.isEmpty && found.reshaped.isEmpty)
    #expect(found.removed.count == a.count && found.added.count == b.count)
    #expect(found.notes.count == 1 && found.notes[0].contains("not paired"))
  }

  @Test("widths that do not fit one to one are not paired across counts")
  func widths() throws {
    let a = [("d_1/kernel", [8, 16]), ("d_2/kernel", [16, 4]), ("d_3/kernel", [4, 3])]
    let b = [("d_2/kernel", [8, 32]), ("d_3/kernel", [32, 4]), ("d_4/kernel", [4, 3])]
    let found = try pairing(a, b)
    #expect(found.pairs.isEmpty && found.notes.count == 1)
  }

  @Test("blocks go by number where both begin alike, and what one has more is said")
  func blocks() throws {
    func blocks(_ numbers: [Int]) -> [(String, [Int])] {
      numbers.flatMap { [("layers.\($0).q", [4, 4]), ("layers.\($0).norm", [4])] }
    }
    let (twelve, more) = (blocks(Array(0..<12)), blocks(Array(0..<24)))
    let longer = try pairing(twelve, more)
    #expect(text(longer, twelve, more) == twelve.map { "\($0.0) ~ \($0.0)" })
    #expect(longer.added.count == 24 && longer.notes.count == 1)
    let pruned = blocks([0, 1, 2] + Array(4..<12))
    let gap = try pairing(twelve, pruned)
    #expect(text(gap, twelve, pruned) == pruned.map { "\($0.0) ~ \($0.0)" })
    #expect(gap.removed == [6, 7] && gap.notes.count == 1)
    let fromOne = blocks(Array(1...12))
    let shifted = try pairing(twelve, fromOne)
    #expect(shifted.pairs.allSatisfy { $0.first == $0.second && $0.reason == .order })
    #expect(shifted.pairs.count == 24 && shifted.notes.count == 1)
    // The same names are names, whatever stands in them, and in whatever order.
    let same = try pairing(twelve, twelve.reversed())
    #expect(same.pairs.allSatisfy { $0.reason == .name && $0.first + $0.second == 23 })
    #expect(same.notes.isEmpty)
  }

  @Test(
    "a first word that one file adds is taken off, and said",
    arguments: [("bert.", ""), ("", "bert."), ("model.encoder.", ""), ("module.", "backbone.")])
  func wrapped(_ one: String, _ other: String) throws {
    let body = [("emb.w", [20, 8]), ("enc.0.w", [8, 8]), ("enc.0.b", [8]), ("enc.1.w", [8, 8])]
    let a = body.map { (one + $0.0, $0.1) } + [("classifier.w", [3, 8])]
    let b = body.map { (other + $0.0, $0.1) } + [(other + "pooler.w", [8, 9])]
    let found = try pairing(a, b)
    #expect(text(found, a, b) == body.map { "\(one)\($0.0) ~ \(other)\($0.0)" })
    #expect(found.notes.count == 1 && found.notes[0].contains("taken off"))
    #expect(found.removed == [4] && found.added == [4])
  }

  @Test("two bodies under two words fit one alone equally: neither is taken")
  func ambiguous() throws {
    let body = [("a.w", [8, 8]), ("b.w", [8, 3])]
    let two = ["student.", "teacher."].flatMap { word in body.map { (word + $0.0, $0.1) } }
    let found = try pairing(two, body)
    #expect(found.pairs.allSatisfy { $0.reason == .shapeAndOrder })
    #expect(found.pairs.isEmpty && found.notes.contains { $0.contains("as many without") })
  }

  /// The names as Keras 3.15 writes them. HDF5 lists them by the alphabet: `beta` stands before `gamma`, and
  /// `dense_10` before `dense_9`.
  @Test(
    "a whole model of Keras beside a file of weights: by the place in a layer, in the models' order"
  )
  func kerasFiles() throws {
    let shapes = ["kernel": [4, 4], "bias": [4], "gamma": [4], "beta": [4]]
    let layers = [
      ("dense_9", ["kernel", "bias"]), ("batch_normalization_5", ["gamma", "beta"]),
      ("dense_10", ["kernel", "bias"]),
    ]
    let named = layers.flatMap { layer, weights -> [(String, [Int])] in
      weights.map { ("model_weights/\(layer)/\(layer)/\($0)", shapes[$0] ?? []) }
    }.sorted { $0.0 < $1.0 }
    var texts = ["model_weights": ["layer_names": layers.map(\.0)]]
    for (layer, weights) in layers {
      texts["model_weights/" + layer] = ["weight_names": weights.map { layer + "/" + $0 }]
    }
    let whole = Catalog(named, texts: texts)
    let numbered = ["batch_normalization", "dense", "dense_1"].flatMap {
      layer -> [(String, [Int])] in
      [
        ("layers/\(layer)/vars/0", layer.hasPrefix("dense") ? [4, 4] : [4]),
        ("layers/\(layer)/vars/1", [4]),
      ]
    }
    let found = try FilePairing(whole, Catalog(numbered), graphs: (nil, nil))
    let wanted = [
      "batch_normalization_5/gamma": "batch_normalization/vars/0",
      "batch_normalization_5/beta": "batch_normalization/vars/1",
      "dense_9/kernel": "dense/vars/0", "dense_9/bias": "dense/vars/1",
      "dense_10/kernel": "dense_1/vars/0", "dense_10/bias": "dense_1/vars/1",
    ]
    #expect(found.pairs.count == 6)
    for pair in found.pairs {
      let words = named[pair.first].0.split(separator: "/").suffix(2).joined(separator: "/")
      #expect(numbered[pair.second].0 == "layers/" + (wanted[words] ?? "?"), "\(words)")
    }
    #expect(found.notes.count == 1 && found.notes[0].contains("no namesake"))
  }

  @Test("where nothing corresponds, the likely pair is named")
  func likely() throws {
    let a = Catalog([("bert.embeddings.weight", [20, 8]), ("x.bias", [7])])
    let b = Catalog([("embeddings.weight", [20, 8]), ("y.bias", [9])])
    let error = FilePairing.nothingShared(a, b)
    #expect(error.code == .badData)
    #expect(
      error.message
        == "no tensor of the one has its name and shape in the other (bert.embeddings.weight ↔ "
        + "embeddings.weight?)")
  }
}

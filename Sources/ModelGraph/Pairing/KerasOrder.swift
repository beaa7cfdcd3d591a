import Catalogs

/// The order of a Keras model's tensors, and which of its layer's tensors each is.
///
/// HDF5 lists names by the alphabet, which is neither: `bias` before `kernel`, `dense_10` before
/// `dense_9`. Files of whole models say both in `layer_names` and `weight_names`, files of weights alone
/// (`layers/dense_1/vars/0`) in their numbers.
struct KerasOrder {
  /// Which of its layer's tensors one is.
  struct Slot: Hashable {
    /// The names of the layer and of what is in it, without numbers: classes, where nobody chose them.
    var kind: String
    /// Its place in the layer.
    var index: Int
  }

  /// The slots by the tensors' names.
  private(set) var slots: [String: Slot] = [:]
  /// The places in the model by the tensors' names.
  private(set) var positions: [String: Int] = [:]

  /// Reads the order; nil where the file states none.
  ///
  /// - Complexity: O(tensors log tensors).
  init?(_ catalog: Catalog) {
    let known = Set(catalog.tensors.map(\.name))
    var names = Self.declared(catalog).filter { known.contains($0) }
    if names.isEmpty {
      names = catalog.tensors.map(\.name).filter { Self.number(of: $0) != nil }
      names.sort(by: Self.isBefore)
    }
    guard !names.isEmpty else { return nil }
    var counts: [[String]: Int] = [:]
    for (position, name) in names.enumerated() {
      var words = NameWords(name).words
      words.removeLast()
      let count = counts[words, default: 0]
      counts[words] = count + 1
      slots[name] = Slot(
        kind: Self.layers(words).map(Self.part).joined(separator: "/"),
        index: Self.number(of: name) ?? count)
      positions[name] = position
    }
  }

  /// The names of the tensors as a file of a whole model lists them.
  private static func declared(_ catalog: Catalog) -> [String] {
    for root in ["model_weights", ""] {
      guard let layers = catalog.texts("layer_names", of: root) else { continue }
      return layers.flatMap { layer -> [String] in
        let group = root.isEmpty ? layer : root + "/" + layer
        return (catalog.texts("weight_names", of: group) ?? []).map { group + "/" + $0 }
      }
    }
    return []
  }

  /// The number of a layer's own tensor in a file of weights: 1 of `layers/dense/vars/1`.
  private static func number(of name: String) -> Int? {
    let words = NameWords(name).words
    guard words.count > 1, words[words.count - 2] == "vars" else { return nil }
    return Int(words[words.count - 1])
  }

  /// The layer of a tensor and the layers in it, by the words before the tensor's own. Files of whole
  /// models say a layer's name twice, with the model's between.
  private static func layers(_ words: [String]) -> [String] {
    if words.last == "vars" { return words.dropLast().filter { $0 != "layers" } }
    let words = words.first == "model_weights" ? Array(words.dropFirst()) : words
    guard let layer = words.first, let again = words.lastIndex(of: layer) else { return words }
    return Array(words[again...])
  }

  /// What a layer, or a part of one, is called in both kinds of files.
  private static func part(_ word: String) -> String {
    let name = kind(CountedWord(word).base)
    if name == "attention_output" { return "output" }
    for side in ["forward", "backward"] where name.hasPrefix(side + "_") { return side }
    if name.hasSuffix("_cell") { return "cell" }
    return name.hasSuffix("_dense") ? String(name.dropLast(6)) : name
  }

  /// Keras does not number the first layer of a class: `dense` and `dense_1` are of one kind.
  private static func kind(_ base: String) -> String {
    base.hasSuffix("_") ? String(base.dropLast()) : base
  }

  /// Whether a name stands before another where numbers count as numbers.
  private static func isBefore(_ one: String, _ other: String) -> Bool {
    let (own, there) = (NameWords(one).words, NameWords(other).words)
    for (word, next) in zip(own, there) where word != next {
      let (a, b) = (CountedWord(word), CountedWord(next))
      let kinds = (kind(a.base), kind(b.base))
      if kinds.0 != kinds.1 { return kinds.0 < kinds.1 }
      let numbers = (a.number ?? -1, b.number ?? -1)
      return numbers.0 == numbers.1 ? word < next : numbers.0 < numbers.1
    }
    return own.count < there.count
  }
}

extension NamePairing {
  /// Pairs what is left of two Keras files, of which one names tensors and the other numbers them: by their
  /// place in a layer and their shape, in the order of the models. A guess, and said to be one. What is no
  /// part of the network and series that were refused stay as they are.
  mutating func pairSlots(_ own: KerasOrder, _ other: KerasOrder) {
    struct Key: Hashable {
      var slot: KerasOrder.Slot
      var shape: [Int]
    }
    let refused = refusedPlaces
    let places = (
      left.a.map(\.place).filter { !refused.a.contains($0) && !aside.a.contains($0) },
      left.b.map(\.place).filter { !refused.b.contains($0) && !aside.b.contains($0) }
    )
    // Names that somebody chose are no classes of layers.
    let kinds = Set(own.slots.values.map(\.kind)).intersection(other.slots.values.map(\.kind))
    func groups(
      _ places: [Int], _ entries: [TensorEntry], _ order: KerasOrder
    ) -> [Key: [Int]] {
      var groups: [Key: [Int]] = [:]
      for place in places {
        guard var slot = order.slots[entries[place].name] else { continue }
        if !kinds.contains(slot.kind) {
          // Of parts of a layer under other names the order says nothing.
          guard !slot.kind.contains("/") else { continue }
          slot.kind = ""
        }
        groups[Key(slot: slot, shape: entries[place].shape), default: []].append(place)
      }
      return groups.mapValues { places in
        places.sorted {
          (order.positions[entries[$0].name] ?? 0) < (order.positions[entries[$1].name] ?? 0)
        }
      }
    }
    let partners = groups(places.1, second, other)
    var guesses = 0
    let found = groups(places.0, first, own).sorted {
      ($0.value.first ?? 0) < ($1.value.first ?? 0)
    }
    for (key, members) in found {
      guard let group = partners[key] else { continue }
      guard group.count == members.count else {
        notes.append(
          "of shape \(key.shape), A has \(members.count) further tensors and B \(group.count): "
            + "not compared")
        continue
      }
      for (place, there) in zip(members, group) { pair(place, there, .shapeAndOrder) }
      guesses += members.count
    }
    if guesses > 0 {
      notes.append(
        "\(guesses) tensors have no namesake; they are compared with those of their shape and their "
          + "place in a layer, in the models' order")
    }
    forgetPaired()
  }
}

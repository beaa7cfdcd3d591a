/// A tensor's name taken apart: that of one of the two factors of an update.
///
/// PEFT's `X.lora_A.weight` [r, in] and `X.lora_B.weight` [out, r] (with the adapter's name between the
/// two words in a running model), `X.lora_embedding_A` and `_B`; `X.lora_down.weight` and
/// `X.lora_up.weight` of kohya's scripts; `X_lora.down.weight` and `X_lora.up.weight` of older
/// diffusers; `X/lora_kernel_b` and `X/lora_kernel_a` of Keras, whose first factor is the left one.
struct FactorName: Hashable {
  /// Whose names they are.
  enum Convention: Hashable {
    case peft, kohya, diffusers, keras
  }

  /// The convention.
  let convention: Convention
  /// The name without the words of the factor, as the file has it.
  let module: String
  /// The name of the other factor.
  let partner: String
  /// Whether this is the factor [r, in].
  let isRight: Bool

  private static let words: [(right: String, left: String, Convention)] = [
    ("lora_A", "lora_B", .peft), ("lora_embedding_A", "lora_embedding_B", .peft),
    ("lora_down", "lora_up", .kohya), ("lora_kernel_b", "lora_kernel_a", .keras),
    ("lora_embeddings_b", "lora_embeddings_a", .keras),
  ]

  /// Words of a factor between the two: kohya's for the window, AdaLoRA's singular values.
  private static let middleWords = ["lora_mid", "lora_E"]

  /// The module of which a tensor of that name is a third factor; nil where it is none.
  static func moduleOfMiddle(_ name: String) -> String? {
    let components = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let place = components.lastIndex(where: { middleWords.contains(String($0)) }) else {
      return nil
    }
    return components[..<place].joined(separator: ".")
  }

  /// Takes a name apart; nil where it is of no factor's.
  init?(_ name: String) {
    let separator: Character = name.contains("/") ? "/" : "."
    var components = name.split(separator: separator, omittingEmptySubsequences: false)
      .map(String.init)
    for (right, left, convention) in Self.words {
      guard
        let place = components.lastIndex(where: {
          $0 == right || $0 == left || $0 == right + ":0" || $0 == left + ":0"
        }), Self.isEnd(components[(place + 1)...])
      else { continue }
      let word = components[place]
      isRight = word.hasPrefix(right)
      module = components[..<place].joined(separator: String(separator))
      components[place] = word.replacing(isRight ? right : left, with: isRight ? left : right)
      partner = components.joined(separator: String(separator))
      self.convention = convention
      return
    }
    guard components.count >= 3, components.last == "weight" else { return nil }
    let (place, before) = (components.count - 2, components[components.count - 3])
    guard ["down", "up"].contains(components[place]),
      before.hasSuffix("lora") || before == "lora_linear_layer"
    else { return nil }
    isRight = components[place] == "down"
    components[place] = isRight ? "up" : "down"
    partner = components.joined(separator: ".")
    convention = .diffusers
    module = components[..<place].joined(separator: ".")
  }

  /// What may stand behind the word of a factor: nothing, `weight`, an adapter's name, or both.
  private static func isEnd(_ rest: ArraySlice<String>) -> Bool {
    switch rest.count {
    case 0: true
    case 1: rest.first != "bias"
    case 2: rest.last == "weight"
    default: false
    }
  }

  /// The module's name in the network, without what PEFT puts before it.
  var plainModule: String {
    let prefix = "base_model.model."
    return module.hasPrefix(prefix) ? String(module.dropFirst(prefix.count)) : module
  }
}

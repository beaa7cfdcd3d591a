import Formats

/// Which names the models of a zoo have.
enum WeightNames {
  /// The files of Hugging Face's models, the best first: several hold the same model.
  static let preferred = [
    "model.safetensors.index.json", "model.safetensors", "pytorch_model.bin.index.json",
    "pytorch_model.bin",
  ]
  /// The files of adapters, the best first: where there are several, they hold the same one.
  static let adapters = ["adapter_model.safetensors", "adapter_model.bin"]
  /// The same model once more, for other libraries.
  static let copies: Set<String> = ["tf_model.h5", "model.onnx", "flax_model.msgpack"]

  /// Whether a file of that name may hold weights.
  static func isWeightFile(_ name: String) -> Bool {
    !WeightFileName.isLeftOfTraining(name) && WeightFileName.isWeightFile(name)
  }

  /// The name without what tells the format.
  static func stem(_ name: String) -> String {
    var stem = name
    for ending in [".gz", ".zst"] where stem.lowercased().hasSuffix(ending) {
      stem = String(stem.dropLast(ending.count))
    }
    for ending in [".weights.h5"] + WeightFileName.endings where stem.lowercased().hasSuffix(ending)
    {
      return String(stem.dropLast(ending.count))
    }
    return stem
  }

  /// Whether a file is a numbered part of a model: `model-00001-of-00003.safetensors`.
  static func isShard(_ name: String) -> Bool {
    name.firstMatch(of: /[_-]\d{5}-of-\d{5}\./) != nil
  }
}

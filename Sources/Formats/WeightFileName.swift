/// Which names weight files have.
public enum WeightFileName {
  /// The endings of weight files.
  public static let endings = [
    ".h5", ".hdf5", ".keras", ".safetensors", ".pt", ".pth", ".pt2", ".bin", ".ckpt", ".npz",
    ".npy",
    ".onnx", ".gguf",
  ]
  /// The endings of archives that may hold some.
  public static let archiveEndings = [".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst"]

  /// What training leaves beside models and what looks like one.
  private static let training: Set<String> = [
    "optimizer.pt", "optimizer.bin", "scheduler.pt", "scaler.pt", "training_args.bin",
    "dataset.pt", "rng_state.pth",
  ]
  private static let compressions = ["", ".gz", ".zst"]

  /// Whether a file of that name may hold weights.
  public static func isWeightFile(_ name: String) -> Bool {
    let lowercase = name.lowercased()
    return endings.contains { ending in
      compressions.contains { lowercase.hasSuffix(ending + $0) }
    }
  }

  /// Whether a file of that name is what training left beside a model: the state of an optimizer, the
  /// arguments of a trainer.
  public static func isLeftOfTraining(_ name: String) -> Bool {
    training.contains(name) || name.hasPrefix("rng_state_")
  }

  /// Whether a file of that name may be an archive of weight files.
  public static func isArchive(_ name: String) -> Bool {
    let lowercase = name.lowercased()
    return archiveEndings.contains(where: lowercase.hasSuffix)
  }
}

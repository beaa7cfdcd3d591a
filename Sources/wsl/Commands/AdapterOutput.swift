import Archives
import Foundation
import ModelGraph
import Support
import WeightFiles

/// Where a merged adapter goes: one file, or a folder with its factors and its configuration.
struct AdapterOutput {
  /// The file of the factors.
  let path: String
  /// The file of the configuration; nil where the output is a file of another name than PEFT's.
  private let document: String?
  private let folder: String?

  /// Whether the configuration is a file of its own.
  var hasConfiguration: Bool { document != nil }

  /// Checks that the output can be written.
  ///
  /// - Parameter output: a name with the ending of a weight file, or else a folder, which may be there.
  init(_ output: String, usesPEFTNames: Bool, overwrites: Bool, inputs: [String]) throws {
    var trimmed = output
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: trimmed, isDirectory: &isFolder)
    let ending = (trimmed as NSString).pathExtension.lowercased()
    let isWeightFile = [
      "h5", "hdf5", "keras", "safetensors", "npz", "npy", "zst", "gz", "pt", "pth", "bin", "ckpt",
      "onnx", "gguf",
    ].contains(ending)
    guard !isWeightFile || isThere && isFolder.boolValue || output != trimmed else {
      path = output
      folder = nil
      let name = (output as NSString).lastPathComponent
      let place = output.folderOfPath
      document =
        name == "adapter_model.safetensors"
        ? (place.isEmpty ? "." : place) + "/" + AdapterConfiguration.name : nil
      try OutputPath.check(output, inputs: inputs, overwrites: overwrites)
      try document.map { try OutputPath.check($0, inputs: [], overwrites: overwrites) }
      return
    }
    if isThere, !isFolder.boolValue {
      throw Diagnostic(
        .cannotWrite, "this is a file, and its name says nothing of a format", at: [output],
        remedy: "end the output in .safetensors, or name a folder")
    }
    folder = trimmed
    path =
      trimmed
      + (usesPEFTNames ? "/adapter_model.safetensors" : "/pytorch_lora_weights.safetensors")
    document = usesPEFTNames ? trimmed + "/" + AdapterConfiguration.name : nil
    if isThere {
      for file in [path, document].compactMap({ $0 }) {
        try OutputPath.check(file, inputs: inputs, overwrites: overwrites)
      }
    } else {
      try OutputPath.checkFolder(of: trimmed)
    }
  }

  /// Writes the factors and the configuration.
  ///
  /// - Throws: `Diagnostic`; a folder that was made for it and stayed empty is removed.
  func write(
    _ contents: ModelContents, configuration: [UInt8]?, _ options: WritingOptions,
    inputs: [WeightFile]
  ) throws {
    var isNew = false
    if let folder, !FileManager.default.fileExists(atPath: folder) {
      do {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: false)
        isNew = true
      } catch {
        throw Diagnostic(.cannotWrite, "this folder cannot be made", at: [folder])
      }
    }
    do {
      try contents.write(to: path, options, inputs: inputs)
    } catch {
      // `rmdir` takes only an empty one.
      if isNew, let folder { rmdir(folder) }
      throw error
    }
    if let document, let configuration {
      try AtomicFile.write(configuration, to: document, overwrites: options.overwrites)
    }
  }
}

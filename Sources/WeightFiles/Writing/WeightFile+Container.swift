import Archives
import Catalogs
import Foundation
import Support

extension WeightFile {
  /// Whether an output of that name is a copy of this file's container, and not another format.
  ///
  /// It is where the name ends as this file's format does, and where it has no ending that is known.
  ///
  /// - Throws: `Diagnostic` of code `usage` where the name tells a format that can only be copied, and
  ///   this file has another one.
  public func keepsContainer(inFileNamed path: String) throws -> Bool {
    let isWhole = try parts.count == 1 && !CompressedFile.isCompressed(file)
    if let wanted = try? OutputFormat(path: path) {
      let own: OutputFormat.Container? =
        switch catalog.format {
        case .hdf5: .hdf5
        case .safetensors: .safetensors
        case .npz: .npz
        case .numpy: .npy
        case .keras, .pytorch, .onnx, .gguf: nil
        }
      return isWhole && wanted.wrapper == .none && wanted.container == own
    }
    let ending = (path as NSString).pathExtension.lowercased()
    let copied: [String: Catalog.Format] = [
      "keras": .keras, "pt": .pytorch, "pth": .pytorch, "ckpt": .pytorch, "onnx": .onnx,
      "gguf": .gguf,
    ]
    if let format = copied[ending], format != catalog.format {
      throw Diagnostic(
        .usage,
        "\(format.rawValue) is only written as a copy of such a file, and this is "
          + catalog.format.rawValue, at: [path], remedy: "end the name in .h5 or .safetensors")
    }
    return true
  }
}

package import Catalogs

extension FilterPipeline.Step {
  /// Reads one filter's number and parameters. Parameters that make no sense leave it to libhdf5.
  package init(_ filter: TensorEntry.Filter, elementByteCount: Int) {
    let parameters = filter.parameters
    func parameter(_ index: Int, default value: Int) -> Int {
      index < parameters.count ? Int(parameters[index]) : value
    }
    let foreign = Self.foreign(filter.name.isEmpty ? "number \(filter.id)" : filter.name)
    switch filter.id {
    case 1: self = .deflate(level: parameter(0, default: 6))
    case 2: self = .shuffle(elementByteCount: parameter(0, default: elementByteCount))
    case 3: self = .fletcher32
    case 32000: self = .lzf
    case 32001: self = .blosc(parameters: parameters)
    case 32004: self = .lz4(blockByteCount: parameter(0, default: 0))
    case 32008:
      let size = parameter(2, default: elementByteCount)
      let count = parameter(3, default: 0)
      // Blocks of 8 KiB are the filter's own choice (bshuf_default_block_size).
      let usual = max(128, 8192 / max(1, size) / 8 * 8)
      let packing: FilterPipeline.Packing? =
        switch parameter(4, default: 0) {
        case 0: FilterPipeline.Packing.none
        case 2: .lz4
        case 3: .zstd(level: parameter(5, default: 3))
        default: nil
        }
      guard let packing, size > 0, size <= 1 << 16, count % 8 == 0 else {
        self = foreign
        return
      }
      self = .bitshuffle(
        elementByteCount: size, blockElementCount: count == 0 ? usual : count, packing: packing)
    case 32015: self = .zstd(level: parameter(0, default: 3))
    default: self = foreign
    }
  }
}

import WeightFiles
import ZooSpecs

extension ZooSpec.Storage {
  /// How the writer of HDF5 says the same.
  var compression: HDF5Document.Compression { deflateLevel.map { .gzip(level: $0) } ?? .none }
}

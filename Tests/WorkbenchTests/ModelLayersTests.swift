import Catalogs
import Foundation
import Tensors
import Testing
import WeightFiles
import ZooIndex

@testable import Workbench

/// Kernels of convolutions as matrices: their axes transposed, or as the published loader of ProbeX reads
/// them, `weight.reshape(-1, outputs)` in PyTorch's order.
@Suite("Layers that probes read")
struct ModelLayersTests {
  /// Two inputs, three outputs, a window of 2 × 2: element (o, i, y, x) is 100·o + 10·i + 2·y + x.
  private func value(_ o: Int, _ i: Int, _ y: Int, _ x: Int) -> Float {
    Float(100 * o + 10 * i + 2 * y + x)
  }

  private func layer(
    _ name: String, _ tensor: Tensor, _ convolutions: ModelLayers.Convolutions
  ) async throws -> (layer: ModelLayers.Layer, values: [Float]) {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("layers-\(UUID().uuidString).h5").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var document = HDF5Document()
    document.add(name, tensor)
    try document.write(to: path, compression: .none, overwrites: false)
    let model = try ScannedModel(try await WeightFile.open(path))
    let layers = ModelLayers(model.file.catalog, convolutions: convolutions).layers
    let layer = try #require(layers.first)
    #expect(layers.count == 1)
    return (layer, try layer.read(from: model, rank: nil))
  }

  private var pytorchs: Tensor {
    Tensor(
      shape: [3, 2, 2, 2],
      values: (0..<24).map { value($0 / 8, $0 / 4 % 2, $0 / 2 % 2, $0 % 2) })
  }
  @Test func publishedReshape() async throws {
    let (layer, values) = try await layer("conv.weight", pytorchs, .probex)
    #expect(layer.rows == 8 && layer.columns == 3)
    #expect(values == pytorchs.values)
  }

  @Test func ownMatrixHasARowAnOutput() async throws {
    let (layer, values) = try await layer("conv.weight", pytorchs, .transposed)
    #expect(layer.rows == 3 && layer.columns == 8)
    #expect(values == pytorchs.values)
  }

  @Test func windowsOfOnePlaceAndDenseKernelsStay() async throws {
    let point = Tensor(shape: [3, 2, 1, 1], values: (0..<6).map(Float.init))
    let (layer, values) = try await layer("conv.weight", point, .probex)
    #expect(layer.rows == 3 && layer.columns == 2 && values == point.values)
    let dense = Tensor(shape: [3, 2], values: (0..<6).map(Float.init))
    let (other, same) = try await self.layer("fc.weight", dense, .probex)
    #expect(other.rows == 3 && other.columns == 2 && same == dense.values)
  }
}

import Reports
import Support

extension SignatureCompareResult {
  /// The cosines of all pairs as a heat map.
  var chart: HeatMap {
    HeatMap(
      title: "Cosines of signatures", subtitle: "over all tensors that all of them have",
      rows: "signature", columns: "signature", values: "cosine", scale: .diverging(1),
      panels: [
        HeatMap.Panel(
          title: "", rows: signatures.enumerated().map { "\($0.offset + 1) \($0.element.name)" },
          columns: signatures.indices.map { "\($0 + 1)" }, values: cosine.map { $0.map(\.value) })
      ])
  }
}

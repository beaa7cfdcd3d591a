import ArgumentParser

/// How probes read the layers of models.
struct ProbeLayerOptions: ParsableArguments {
  @Option(
    help: """
      probex: read kernels of convolutions as the published loader does, which reshapes them without a \
      transposition.
      """)
  var compat: String?

  @Option(
    help: """
      root: put the units of each model beside those of the root of its tree, by weight matching, \
      before it is read; files name their parents, and the probe keeps the roots.
      """)
  var align: String?

  func validate() throws {
    if let compat, compat != "probex" { throw ValidationError("--compat takes probex.") }
    if let align, align != "root" { throw ValidationError("--align takes root.") }
  }
}

import ModelGraph
import Reports
import Support
import WeightFiles

extension InspectResult {
  /// The result for a person.
  func text(showsTensors: Bool, showsSymmetries: Bool) -> String {
    var parts = [heading]
    if let architecture { parts.append(layers(of: architecture)) }
    if showsTensors || architecture == nil { parts.append(tensorTable) }
    if showsSymmetries { parts.append(symmetryTable) }
    if let check { parts.append(text(of: check)) }
    if let table = skippedTable(listsAll: showsTensors) { parts.append(table) }
    return parts.joined(separator: "\n\n")
  }

  private var heading: String {
    var words = [file, format]
    if let producer { words.append(producer) }
    var count = "\(NumberFormat.grouped(parameters)) parameters"
    if tensors.count < tensorCount {
      count += " in \(tensors.count) of \(tensorCount) tensors, the others are not read"
    }
    words.append(count)
    words.append(NumberFormat.bytes(bytes))
    return words.joined(separator: " · ").escapingControlCharacters
  }

  private func layers(of architecture: Architecture) -> String {
    var table = TextTable([
      .text("layer"), .text("type"), .text("output"), .number("parameters"), .text("inputs"),
    ])
    for layer in architecture.layers {
      let shape = layer.outputShape.map { $0.map(String.init) ?? "?" }.joined(separator: ", ")
      table.add(
        layer.name.escapingControlCharacters, layer.type, "[\(shape)]",
        layer.parameters == 0 ? "" : NumberFormat.grouped(layer.parameters),
        layer.inputs.joined(separator: ", ").escapingControlCharacters)
    }
    let notes = architecture.assumptions.map { "\n(\($0.escapingControlCharacters))" }.joined()
    let weighted = architecture.layers.count { $0.parameters > 0 }
    return "architecture: \(architecture.source), \(architecture.certainty), fingerprint "
      + "\(architecture.fingerprint), \(architecture.layers.count) layers (\(weighted) with weights)\n"
      + table.text + notes
  }

  private var tensorTable: String {
    let hasChecksums = tensors.contains {
      $0.checksum != nil || $0.damage != nil || $0.unread != nil
    }
    var table = TextTable([
      .text("tensor"), .text("shape"), .text("type"), .number("size"), .text("storage"),
      .text(hasChecksums ? "checksum" : ""),
    ])
    for tensor in tensors {
      table.add(
        tensor.name.escapingControlCharacters, NumberFormat.shape(tensor.shape), tensor.dtype,
        NumberFormat.bytes(tensor.bytes),
        ([tensor.layout] + tensor.filters).joined(separator: ", ").escapingControlCharacters,
        (tensor.damage.map { "damaged: \($0)" } ?? tensor.unread.map { "not read: \($0)" })?
          .escapingControlCharacters ?? tensor.checksum ?? "")
    }
    return table.text
  }

  private var symmetryTable: String {
    guard !symmetries.isEmpty else { return "symmetries: none found" }
    var table = TextTable([
      .text("group"), .number("units"), .text("kind"), .text("axes that move together"),
    ])
    for symmetry in symmetries {
      let axes = symmetry.axes.map { "\($0.tensor)·\($0.axis)" }.joined(separator: "  ")
      table.add(
        symmetry.group.escapingControlCharacters, String(symmetry.size), symmetry.kind,
        axes.escapingControlCharacters)
    }
    return "symmetries (tensor·axis):\n" + table.text
  }

  private func text(of check: Check) -> String {
    var table = TextTable([
      .text("permuted at random"), .number("largest difference of outputs"), .text(""),
    ])
    for group in check.groups {
      table.add(
        group.group.escapingControlCharacters,
        NumberFormat.significant(group.difference.value, digits: 2),
        group.holds ? "same function" : "NO SYMMETRY")
    }
    table.add(
      "all groups at once", NumberFormat.significant(check.allGroups.value, digits: 2),
      check.holds ? "same function" : "")
    for element in check.elements {
      table.add(
        "\(element.group.escapingControlCharacters) (\(element.kind ?? ""))",
        NumberFormat.significant(element.difference.value, digits: 2),
        element.holds ? "same function" : "NO SYMMETRY")
    }
    guard check.certainty != Certainty.declared.rawValue else { return table.text }
    return table.text
      + "\n(this proves the graph as it is shown above, which is \(check.certainty) and not in the "
      + "file: not that the network that wrote the file is this graph)"
  }
}

extension InspectResult: TabularResult {
  /// A row a tensor.
  var table: ResultTable {
    ResultTable(
      ["file", "name", "shape", "dtype", "bytes", "layout", "filters", "checksum"],
      tensors.map { tensor in
        [
          .text(file), .text(tensor.name), .shape(tensor.shape), .text(tensor.dtype),
          .count(tensor.bytes), .text(tensor.layout), .texts(tensor.filters),
          .text(tensor.checksum),
        ]
      })
  }
}

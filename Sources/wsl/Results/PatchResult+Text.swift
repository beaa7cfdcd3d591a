import Foundation
import Reports
import Signatures
import Support
import WeightFiles
import Workbench

extension PatchResult {
  /// The result for a person.
  var text: String {
    var parts: [String] = []
    if stack.isEmpty {
      parts.append(
        output == nil && !dryRun
          ? "\(file.escapingControlCharacters) is not patched"
          : "no patch is left: every bit is as it was")
    } else {
      var table = TextTable([
        .text("signature"), .number("α"), .text("corruption"), .number("tensors"),
        .text("the model is"),
      ])
      for entry in stack {
        let severity = entry.corruption?.severity.map { ":\($0)" } ?? ""
        table.add(
          entry.name.escapingControlCharacters, NumberFormat.significant(entry.alpha, digits: 4),
          ((entry.corruption?.type ?? "–") + severity).escapingControlCharacters,
          String(entry.tensors), relation(of: entry))
      }
      parts.append(table.text)
      let signers = stack.compactMap { entry -> String? in
        if let key = entry.signedBy { return "\(entry.name): signed by \(key)" }
        return entry.claimedSigner.map {
          "\(entry.name): claims to be signed by \($0), not verified"
        }
      }
      if !signers.isEmpty {
        parts.append(signers.map(\.escapingControlCharacters).joined(separator: "\n"))
      }
    }
    if let alignment {
      let figures = alignment.objective.map { NumberFormat.significant($0.value, digits: 4) }
      parts.append(
        "units lined up with \(alignment.reference.escapingControlCharacters): sum of squares "
          + figures.joined(separator: " → "))
    }
    if dryRun {
      parts.append(
        "would change \(tensors.count) tensors (\(NumberFormat.bytes(changedBytes))): "
          + tensors.map { $0.name.escapingControlCharacters }.joined(separator: ", "))
    } else if let output {
      let undo = undoBytes.map { ", undone by \(NumberFormat.bytes($0))" } ?? ""
      parts.append(
        "changed \(tensors.count) tensors (\(NumberFormat.bytes(changedBytes))\(stack.isEmpty ? "" : undo))\n"
          + "written: \(([output] + [record].compactMap { $0 }).joined(separator: ", "))"
          .escapingControlCharacters)
      if let record {
        let (name, model) = (
          (record as NSString).lastPathComponent, (output as NSString).lastPathComponent
        )
        // Of a model that is a folder, it is in it.
        let place = record == WeightFile.sidecarPath(of: output) ? "beside" : "in"
        parts.append(
          "\(name) takes the patches off again: keep it \(place) \(model)"
            .escapingControlCharacters)
      }
    } else if let undoBytes, !stack.isEmpty {
      parts.append("\(tensors.count) tensors, undone by \(NumberFormat.bytes(undoBytes))")
    }
    if !pairing.isEmpty {
      parts.append(
        pairing.map { "\($0.file): \($0.text)".escapingControlCharacters }.joined(separator: "\n"))
    }
    return parts.joined(separator: "\n\n")
  }

  private func relation(of entry: Entry) -> String {
    switch entry.relation {
    case "base": "its standard network"
    case "relative":
      "a relative (cosine \(NumberFormat.fixed(entry.cosine?.value ?? .nan, decimals: 3)))"
    case "aligned": "lined up with it"
    default: entry.aligned ? "lined up with it" : ""
    }
  }
}

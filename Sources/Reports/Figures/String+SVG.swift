extension String {
  /// The text with the characters that XML keeps for itself written as entities. Control characters,
  /// which XML has no place for, are shown as `\u{…}`; lines and tabs stay.
  var escapedForXML: String {
    unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "\n", "\t": text.unicodeScalars.append(scalar)
      default:
        if scalar.properties.generalCategory == .control || scalar.value & 0xFFFE == 0xFFFE {
          text += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
  }

  /// The text with its middle left out where it is longer: names differ at their ends.
  func shortened(to length: Int) -> String {
    guard count > length else { return self }
    let head = length / 4
    return "\(prefix(head))…\(suffix(length - head - 1))"
  }
}

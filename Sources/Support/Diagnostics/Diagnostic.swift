/// An error for a person: what went wrong, where, and what to do about it.
///
/// Every module throws this one type, so the command line has one renderer and one table of exit
/// codes. The text is one line:
///
///     model.h5 › dense/kernel › chunk 3: decompressed to 4088 of 4096 bytes; the file is damaged, copy it again
public struct Diagnostic: Error, Sendable, Hashable {
  /// The kind of failure. It decides the exit code.
  public enum Code: Int32, Sendable, Hashable {
    /// The work itself failed.
    case failed = 1
    /// The request makes no sense: a flag, a name or a value is wrong.
    case usage = 64
    /// An input file is damaged, hostile, or not what it says it is.
    case badData = 65
    /// An input does not exist or cannot be read.
    case noInput = 66
    /// An output could not be written.
    case cannotWrite = 74
    /// The user or the system interrupted the work. The same command resumes it.
    case interrupted = 75

    /// The exit code of the process.
    public var exitCode: Int32 { rawValue }
  }

  /// The kind of failure.
  public var code: Code
  /// What is wrong, in words that need no knowledge of the source code.
  public var message: String
  /// Where: file, then tensor or layer, then chunk or line; outermost first.
  public var location: [String]
  /// What to do about it.
  public var remedy: Wording?

  /// Makes an error.
  ///
  /// - Parameters:
  ///   - code: the kind of failure.
  ///   - message: what is wrong.
  ///   - location: file, tensor, chunk; outermost first. Empty parts are left out.
  ///   - remedy: what the user can do.
  public init(
    _ code: Code, _ message: String, at location: [String] = [], remedy: Wording? = nil
  ) {
    self.code = code
    self.message = message
    self.location = location.filter { !$0.isEmpty }
    self.remedy = remedy
  }

  /// The same error, inside one more place: a tensor's error becomes the file's.
  public func inside(_ place: String) -> Diagnostic {
    guard !place.isEmpty, location.first != place else { return self }
    var copy = self
    copy.location.insert(place, at: 0)
    return copy
  }
}

extension Diagnostic: CustomStringConvertible {
  /// What to do, as it follows the message: after a question as a sentence of its own.
  private var advice: String {
    guard let remedy = remedy?.description else { return "" }
    return message.hasSuffix("?")
      ? " " + remedy.prefix(1).uppercased() + remedy.dropFirst() : "; " + remedy
  }

  /// One line: the places, the message, the remedy. Control characters, which a hostile file could
  /// put into a name to forge lines or colours, are shown escaped.
  public var description: String {
    let place = location.isEmpty ? "" : location.joined(separator: " › ") + ": "
    return (place + message + advice).escapingControlCharacters
  }
}

extension String {
  /// The text with control characters written as `\u{…}`, so that it stays on one line.
  public var escapingControlCharacters: String {
    guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return self
    }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.properties.generalCategory == .control {
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }
}

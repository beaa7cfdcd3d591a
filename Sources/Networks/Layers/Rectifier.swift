import CKernels
import COneDNN
import ModelGraph

/// A function that cuts off what is below 0, computed here: oneDNN's makes 0 of NaN, so that a network
/// that computes nothing seems to have a loss.
enum Rectifier {
  case plain
  case clipped(maximum: Float)

  /// The function for an activation; nil where it is none of these.
  init?(_ activation: Activation) {
    switch activation {
    case .relu: self = .plain
    case .clippedRelu(let maximum): self = .clipped(maximum: Float(maximum))
    default: return nil
    }
  }

  /// Applies the function to elements, which may stay where they are.
  func apply(_ from: UnsafePointer<Float>, into to: UnsafeMutablePointer<Float>, count: Int) {
    switch self {
    case .plain: wsl_rectify(from, to, Int64(count))
    case .clipped(let maximum): wsl_rectify_clipped(from, to, maximum, Int64(count))
    }
  }
}

extension ProgramBuilder {
  /// From how many elements on the threads share the work.
  private static let sharedCount = 1 << 18

  /// Applies a rectifier to all elements of a form, padding included: of zeros it makes zeros.
  func emit(_ rectifier: Rectifier, from source: Form, into result: Form) {
    let count = source.layout.byteCount / MemoryLayout<Float>.stride
    let threads = count < Self.sharedCount ? 1 : Int(onednn_thread_count())
    let buffers = [source.buffer, result.buffer]
    emit(
      KernelCommand(touching: buffers) {
        let from = UnsafePointer(source.buffer.floats)
        let to = result.buffer.floats
        guard threads > 1 else { return rectifier.apply(from, into: to, count: count) }
        // A multiple of what fits a cache line.
        let share = (count / threads + 15) & ~15
        nonisolated(unsafe) let input = from
        nonisolated(unsafe) let output = to
        ThreadLimit.each(threads) { thread in
          let first = thread * share
          guard first < count else { return }
          rectifier.apply(input + first, into: output + first, count: min(share, count - first))
        }
      })
  }
}

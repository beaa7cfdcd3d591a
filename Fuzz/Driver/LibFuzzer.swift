import FuzzHooks
import Glibc

/// What `WSL_FUZZ_TARGET` chooses.
private let target: FuzzTarget = {
  let name = getenv("WSL_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  if let target = FuzzTarget(rawValue: name) { return target }
  let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: " ")
  fatalError("set WSL_FUZZ_TARGET to one of: \(names)")
}()

/// What libFuzzer calls for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let target = target
  wsl_fuzz_begin(target.allocationLimit(of: count))
  do { try target.run(bytes) } catch { fatalError("this is no Diagnostic: \(error)") }
  wsl_fuzz_end()
  return 0
}

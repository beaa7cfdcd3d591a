import CHDF5
import CLinux
import Glibc

/// Runs requests one after another, each in a copy of this process: loading the libraries takes
/// several times as long as reading the catalogue of a small file.
///
/// The copy limits itself before it looks at the file, and ends with it; this process never sees a
/// byte of one. A request is a message on standard input: the words of `Worker`, with the
/// descriptors for its standard input and output. Two messages answer it: the number of the copy's
/// process, and how that ended. The number stays taken until the next request comes, so that whoever
/// asked may end the process without meeting another.
///
///     wsl-catalog serve
enum Server {
  /// Serves until the other end is closed; returns the exit code.
  static func run() -> Int32 {
    chdf5_silence()
    var request = [UInt8](repeating: 0, count: 1024)
    var last: pid_t = 0
    while true {
      var descriptors: [Int32] = [-1, -1]
      let count = clinux_receive(0, &request, request.count, &descriptors, 2)
      if last > 0 { waitpid(last, nil, 0) }
      guard count > 0 else { return count == 0 ? 0 : 64 }
      let words = request[..<count].split(separator: 0).map {
        String(decoding: $0, as: UTF8.self)
      }
      last = clinux_fork()
      if last == 0 { exit(work(words, descriptors)) }
      // Here as well as there: whichever comes first.
      setpgid(last, last)
      for descriptor in descriptors { close(descriptor) }
      var (wasSignaled, value): (Int32, Int32) = (0, 0)
      guard send([last, 0]), last > 0, clinux_await(last, &wasSignaled, &value) == 0,
        send([wasSignaled, value])
      else { return 71 }
    }
  }

  private static func work(_ words: [String], _ descriptors: [Int32]) -> Int32 {
    setpgid(0, 0)
    for (number, descriptor) in descriptors.enumerated() {
      guard dup2(descriptor, Int32(number)) >= 0 else { return 71 }
      close(descriptor)
    }
    return Worker.run(words)
  }

  private static func send(_ numbers: [Int32]) -> Bool {
    numbers.withUnsafeBytes { clinux_send(0, $0.baseAddress, $0.count, nil, 0) == $0.count }
  }
}

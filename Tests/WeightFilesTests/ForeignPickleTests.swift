import Support
import Testing

@testable import WeightFiles

/// Pickles that are none of PyTorch's: one line that says what each is, and the way out.
///
/// The kind: files of Python that hold numbers and are no format. Tried by hand: arrays, dictionaries and an
/// empty list in pickle's protocols 0 to 5; arrays of JAX and of ml_dtypes, a sparse matrix of SciPy, a
/// function by cloudpickle; four estimators of scikit-learn by pickle and joblib; joblib plain and
/// compressed with zlib, gzip, bzip2, xz, lzma and lz4; a pickle that runs something, and one cut short: all
/// are named, exit 65, and nothing runs. A zlib stream of something else stays unknown; of a pickle in
/// bzip2 or xz alone the compression is named.
@Suite("Pickles of others") struct ForeignPickleTests {
  static let files: [(name: String, words: [String])] =
    [0, 1, 2, 3, 5].map { ("arrays\($0).pkl", ["of NumPy arrays", "numpy.savez"]) } + [
      ("arrays4.pkl", ["of sklearn.linear_model._logistic.LogisticRegression"]),
      ("model.joblib", ["sklearn.linear_model._logistic.LogisticRegression, as joblib writes it"]),
      ("packed.joblib", ["of NumPy arrays, as joblib writes it (compressed with zlib)"]),
      ("packed-bz2.joblib", ["as joblib writes it (compressed with bzip2)"]),
    ]

  @Test(arguments: files) func isNamed(file: (name: String, words: [String])) async throws {
    let error = await #expect(throws: Diagnostic.self) { try await ElementFixtures.open(file.name) }
    let line = error?.description ?? ""
    #expect(error?.code == .badData && line.contains("this is a Python pickle"), "\(line)")
    #expect(line.contains("not one of PyTorch's") && !line.contains("damage"), "\(line)")
    for words in file.words { #expect(line.contains(words), "\(line)") }
  }

  @Test func whatItAsksForIsNamed() async throws {
    try await Fixtures.withFolder { folder in
      let cases: [(bytes: [UInt8], words: String)] = [
        ([0x80, 2] + PickleAttackTests.global("posix", "system") + [0x2E], "of posix.system"),
        (Array("cos\nsystem\n(S'true'\ntR.".utf8), "of os.system"),
        (
          [0x80, 2] + PickleAttackTests.global("torch._utils", "_rebuild_tensor_v2") + [0x2E],
          "save it with torch.save"
        ),
        ([0x80, 4, 0x5D, 0x94, 0x2E], "this is a Python pickle, and"),
      ]
      for (bytes, words) in cases {
        try Fixtures.write(bytes, to: folder + "x.pkl")
        let error = await #expect(throws: Diagnostic.self) {
          try await WeightFile.open(folder + "x.pkl")
        }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
      }
      // Text, and a stream of zlib that holds something else.
      for other in [Array("(dear reader).".utf8), [0x78, 0x9C, 3, 0, 0, 0, 0, 1, 0, 0, 0]] {
        try Fixtures.write(other, to: folder + "x.txt")
        let error = await #expect(throws: Diagnostic.self) {
          try await WeightFile.open(folder + "x.txt")
        }
        #expect(error?.description.contains("pickle") == false)
      }
    }
  }
}

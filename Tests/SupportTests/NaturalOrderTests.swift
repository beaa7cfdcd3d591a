import Support
import Testing

@Suite("The order of names")
struct NaturalOrderTests {
  @Test(
    "numbers in names sort as numbers",
    arguments: [
      ["fc1", "fc2", "fc10"], ["dense", "dense_1", "dense_2", "dense_10"],
      ["layers.2.weight", "layers.10.bias", "layers.10.weight"], ["a", "a1", "a1b", "ab"],
      ["1", "2", "10", "a"], ["x-1", "x-02", "x-2", "x-10"], ["a1", "a!", "aa"],
      ["v9999999999999999999", "v10000000000000000000"], ["", "0"],
    ])
  func order(_ names: [String]) {
    #expect(NaturalOrder.sorted(names.reversed()) == names)
    #expect(NaturalOrder.sorted(names) == names)
    for name in names { #expect(!NaturalOrder.precedes(name, name)) }
  }

  @Test("what comes letter by letter is listed in natural order, any other order stays")
  func listing() {
    let sorted = ["layers.0.w", "layers.1.w", "layers.10.w", "layers.2.w"]
    #expect(NaturalOrder.listed(sorted) { $0 } == NaturalOrder.sorted(sorted))
    // Folder by folder: `a` before `a.b`, though a dot comes before a slash.
    let folders = ["a/10", "a/2", "a.b/1"]
    #expect(NaturalOrder.listed(folders) { $0 } == ["a.b/1", "a/2", "a/10"])
    let own = ["fc10", "fc1", "out", "fc2"]
    #expect(NaturalOrder.listed(own) { $0 } == own)
  }
}

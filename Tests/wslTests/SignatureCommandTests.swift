import Foundation
import Support
import TestSupport
import Testing

/// `wsl signature` and `wsl patch`, on networks that are trained for it in a second.
@Suite("Signatures on the command line", .serialized)
struct SignatureCommandTests {
  private static let spec = """
    name: t
    data: digits
    model: {kind: mlp, width: 24, depth: 2}
    training: {optimizer: adamw, learning-rate: 0.002, epochs: 2, batch-size: 64}
    models:
      - {name: root, training: {epochs: 4}}
      - {name: stranger, training: {epochs: 4}, seeds: [7]}
      - {name: standard, parent: root}
      - {name: noise, parent: root, data: {corruption: {type: gaussian-noise, severity: 5}}}
      - {name: contrast, parent: root, data: {corruption: {type: contrast, severity: 5}}}
      - {name: wide, model: {width: 32}}
    """

  private let scratch: Scratch
  private func path(_ name: String) -> String { scratch.path(name) }
  private func model(_ name: String) -> String { scratch.path("zoo/t-\(name).h5") }

  init() throws {
    scratch = try Scratch()
    try Self.spec.write(toFile: scratch.path("t.yaml"), atomically: true, encoding: .utf8)
    let built = try Tool.run(["zoo", "build", scratch.path("t.yaml"), "-o", scratch.path("zoo")])
    #expect(built.code == 0, "\(built.errors)")
  }

  @discardableResult
  private func extract(_ robust: String, _ more: String...) throws -> Tool.Outcome {
    try Tool.run(
      [
        "signature", "extract", "--pretrained", model("root"), "--standard", model("standard"),
        "--robust", model(robust), "--name", robust, "-o", path("\(robust).rws.h5"), "--force",
        "--json",
      ] + more)
  }

  private func isSame(_ one: String, _ two: String) throws -> Bool {
    try Tool.run(["diff", one, two, "--json"]).json()["identical"]?.bool == true
  }

  @Test("a dry run says of the model what patching says", arguments: ["standard", "root"])
  func dryRun(_ name: String) throws {
    try extract("noise", "--layers", "first:2")
    let arguments = ["patch", model(name), "--rws", path("noise.rws.h5"), "--json"]
    let dry = try Tool.run(arguments + ["--dry-run"]).json()
    let real = try Tool.run(arguments + ["-o", path("patched.h5")]).json()
    for key in ["relation", "cosine", "tensors"] {
      #expect(dry["stack"]?[0]?[key] == real["stack"]?[0]?[key])
    }
    #expect(real["stack"]?[0]?["relation"]?.string == (name == "standard" ? "base" : "relative"))
    let originals = [dry, real].map { $0["tensors"]?.array?.map { $0["original"] } }
    #expect(originals[0] == originals[1] && originals[0]?.isEmpty == false)
  }

  @Test("extract, patch, list, scale, remove: every bit comes back")
  func wholePath() throws {
    for robust in ["noise", "contrast"] {
      let outcome = try extract(robust, "--layers", "first:2", "--corruption", "\(robust):5")
      #expect(outcome.code == 0, "\(outcome.errors)")
      let result = try outcome.json()
      #expect(result["levels"]?.integer == 8 && result["tensors"]?.array?.count == 4)
    }
    let base = model("standard")
    let patched = path("patched.h5")
    let patch = try Tool.run([
      "patch", base, "--rws", path("noise.rws.h5"), "--rws", path("contrast.rws.h5") + "@0.7", "-o",
      patched, "--json",
    ])
    #expect(patch.code == 0, "\(patch.errors)")
    #expect(try patch.json()["stack"]?[0]?["relation"]?.string == "base")
    #expect(try !isSame(base, patched))
    let list = try Tool.run(["patch", patched, "--list", "--json"]).json()
    #expect(list["stack"]?.array?.compactMap { $0["name"]?.string } == ["contrast", "noise"])
    #expect(list["stack"]?[0]?["alpha"]?.number == 0.7)
    // Nothing is replaced without a word.
    let bare = try Tool.run(["patch", patched, "--scale", "noise=0.5"])
    #expect(bare.code == 64 && bare.errors.contains("--in-place"))
    #expect(try Tool.run(["patch", patched, "--list", "--json"]).json() == list)
    #expect(try Tool.run(["patch", patched, "--scale", "noise=0.5", "--in-place"]).code == 0)
    let scaled = try Tool.run(["patch", patched, "--list", "--json"]).json()
    #expect(scaled["stack"]?[1]?["alpha"]?.number == 0.5)
    for order in [["noise", "contrast"], ["contrast", "noise"]] {
      let one = try Tool.run([
        "patch", patched, "--remove", order[0], "-o", path("one.h5"), "--force",
      ])
      #expect(one.code == 0, "\(one.errors)")
      let none = try Tool.run([
        "patch", path("one.h5"), "--remove", order[1], "-o", path("none.h5"), "--force",
      ])
      #expect(none.code == 0, "\(none.errors)")
      #expect(try isSame(base, path("none.h5")))
    }
    let left = try Tool.run(["patch", path("none.h5"), "--list", "--json"]).json()
    #expect(left["stack"]?.array?.isEmpty == true)
    let before = try Data(contentsOf: URL(fileURLWithPath: patched))
    #expect(try Tool.run(["patch", patched, "--remove", "noise", "--dry-run"]).code == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: patched)) == before)
  }

  @Test("what is wrong is one line and its exit code, and the output is not there")
  func refusals() throws {
    try extract("noise")
    let signature = path("noise.rws.h5")
    let out = path("out.h5")
    var damaged = try Data(contentsOf: URL(fileURLWithPath: signature))
    damaged.replaceSubrange(200..<600, with: Data(count: 400))
    try damaged.write(to: URL(fileURLWithPath: path("damaged.rws.h5")))
    let rows: [([String], Int32, String)] = [
      (["patch", model("stranger-seed7"), "--rws", signature, "-o", out], 65, "cosine"),
      (["patch", model("wide"), "--rws", signature, "-o", out], 65, "architecture"),
      (["patch", model("standard"), "--rws", path("damaged.rws.h5"), "-o", out], 65, "damaged"),
      (["patch", model("standard"), "--rws", path("none.rws.h5"), "-o", out], 66, "none.rws.h5"),
      (["patch", model("standard"), "--rws", model("root"), "-o", out], 65, "no signature"),
      (["patch", model("standard"), "--remove", "fog", "-o", out], 64, "fog"),
      (["patch", model("standard"), "-o", out], 64, "nothing to do"),
      (["patch", model("standard"), "--rws", signature, "-o", signature], 64, "input"),
      (["patch", model("standard"), "--rws", signature, "-o", path("no/out.h5")], 74, "folder"),
      (["patch", model("standard"), "--scale", "noise=x", "-o", out], 64, "--scale"),
      (["signature", "info", model("root")], 65, "no signature"),
      (["signature", "compare", signature], 64, "two"),
    ]
    for (arguments, code, word) in rows {
      let outcome = try Tool.run(arguments)
      #expect(outcome.code == code && outcome.errors.contains(word), "\(arguments) \(outcome)")
      #expect(!FileManager.default.fileExists(atPath: out))
    }
    #expect(try extract("noise", "--levels", "1").code == 64)
    #expect(try extract("stranger-seed7").code == 65)
    #expect(try extract("noise", "--layers", "first:9").code == 64)
  }

  @Test("a full disk leaves the target as it was, and says so")
  func fullDisk() throws {
    try extract("noise")
    let target = path("target.h5")
    try Data("precious".utf8).write(to: URL(fileURLWithPath: target))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    // Ignored, the signal becomes an error of the write, as on a full disk.
    process.arguments = [
      "-c", "trap '' XFSZ; ulimit -f 10; exec \"$@\" 2> /dev/null", "bash", Tool.executable.path,
      "patch", model("standard"), "--rws", path("noise.rws.h5"), "-o", target, "--force",
    ]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 74)
    #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == Data("precious".utf8))
    #expect(scratch.contents.allSatisfy { !$0.hasPrefix(".") })
  }

  @Test("a stranger's units are lined up first where that is asked for, and all comes back")
  func aligned() throws {
    try extract("noise")
    let stranger = model("stranger-seed7")
    let out = path("aligned.h5")
    let outcome = try Tool.run([
      "patch", stranger, "--rws", path("noise.rws.h5"), "--align", model("standard"), "-o", out,
      "--json",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let result = try outcome.json()
    #expect(result["stack"]?[0]?["relation"]?.string == "aligned")
    let objective = try #require(result["alignment"]?["objective"]?.array)
    #expect((objective[1].number ?? .infinity) < (objective[0].number ?? 0))
    #expect(try Tool.run(["patch", out, "--remove", "noise", "-o", path("back.h5")]).code == 0)
    #expect(try isSame(stranger, path("back.h5")))
  }

  @Test("signatures are signed with OpenSSL's keys, and verified")
  func signing() throws {
    let openssl = "/usr/bin/openssl"
    guard FileManager.default.isExecutableFile(atPath: openssl) else { return }
    for arguments in [
      ["genpkey", "-algorithm", "ed25519", "-out", path("key.pem")],
      ["pkey", "-in", path("key.pem"), "-pubout", "-out", path("key.pub")],
    ] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: openssl)
      process.arguments = arguments
      try process.run()
      process.waitUntilExit()
    }
    try extract("noise", "--sign", path("key.pem"))
    let good = try Tool.run(
      ["signature", "verify", path("noise.rws.h5"), "--key", path("key.pub"), "--json"])
    #expect(try good.code == 0 && good.json()["valid"]?.bool == true)
    try extract("contrast")
    let bad = try Tool.run(
      ["signature", "verify", path("contrast.rws.h5"), "--key", path("key.pub"), "--json"])
    #expect(try bad.code == 2 && bad.json()["signed"]?.bool == false)
    let wrong = try Tool.run(
      ["signature", "verify", path("noise.rws.h5"), "--key", path("key.pem")])
    #expect(wrong.code == 65 && wrong.errors.contains("public key"))
    // Who is said to have signed it is told as that, until a key shows it.
    let info = try Tool.run("signature", "info", path("noise.rws.h5"), "--json").json()
    #expect(info["signed"]?["verified"]?.bool == false)
    let shown = try Tool.run("signature", "info", path("noise.rws.h5")).output
    #expect(shown.contains("claims to be signed by") && shown.contains("not verified"))
    let patch = ["patch", model("standard"), "--rws", path("noise.rws.h5"), "-o"]
    let claimed = try Tool.run(patch + [path("c.h5"), "--json"]).json()
    #expect(claimed["stack"]?[0]?["signedBy"] == nil)
    let key = try #require(claimed["stack"]?[0]?["claimedSigner"]?.string)
    #expect(try Tool.run("patch", path("c.h5"), "--list").output.contains("not verified"))
    let known = try Tool.run("patch", path("c.h5"), "--list", "--key", path("key.pub"), "--json")
    #expect(try known.json()["stack"]?[0]?["signedBy"]?.string == key)
    #expect(try known.json()["stack"]?[0]?["claimedSigner"] == nil)
    // With a key nothing else is added.
    let stranger = try Tool.run([
      "patch", model("standard"), "--rws", path("contrast.rws.h5"), "--key", path("key.pub"), "-o",
      path("d.h5"),
    ])
    #expect(stranger.code == 65 && stranger.errors.contains("not signed by that key"))
    // Lined up, it is another signature, and unsigned.
    let aligned = try Tool.run([
      "patch", model("stranger-seed7"), "--rws", path("noise.rws.h5"), "--align", model("standard"),
      "--key", path("key.pub"), "-o", path("e.h5"), "--json",
    ]).json()
    let entry = try #require(aligned["stack"]?[0])
    #expect(entry["signedBy"] == nil && entry["claimedSigner"] == nil)
    #expect(entry["arrangedFrom"]?.string == claimed["stack"]?[0]?["identifier"]?.string)
    #expect(entry["identifier"]?.string != entry["arrangedFrom"]?.string)
  }

  @Test("a robust network that is the standard one leaves nothing; exchanged roles are told")
  func roles() throws {
    func extract(_ p: String, _ s: String, _ r: String) throws -> Tool.Outcome {
      try Tool.run(
        "signature", "extract", "--pretrained", model(p), "--standard", model(s), "--robust",
        model(r), "-o", path("roles.rws.h5"), "--force", "--json")
    }
    let right = try extract("root", "standard", "noise")
    // These networks of two epochs go nearly the same way, which is told, and no more.
    #expect(try right.code == 0 && right.json()["addsNothing"]?.bool == false)
    #expect(!right.errors.contains("exchanged"))
    let same = try extract("root", "standard", "standard")
    #expect(same.code == 2 && same.errors.contains("after the projection nothing is left"))
    #expect(try same.json()["addsNothing"]?.bool == true)
    let unmoved = try extract("root", "standard", "root")
    #expect(unmoved.code == 2 && unmoved.errors.contains("does not differ from the pretrained one"))
    for (p, s, r) in [
      ("root", "noise", "standard"), ("standard", "root", "noise"), ("noise", "standard", "root"),
      ("standard", "noise", "root"), ("noise", "root", "standard"),
    ] {
      let outcome = try extract(p, s, r)
      #expect(outcome.code == 0 && outcome.errors.contains("exchanged"), "\(p), \(s), \(r)")
    }
  }

  @Test("a sweep has a row for each number of layers and strength, and a figure")
  func sweep() throws {
    try extract("contrast", "--layers", "all", "--corruption", "contrast:5")
    let arguments = [
      "signature", "sweep", model("standard"), "--rws", path("contrast.rws.h5"), "--data",
      "digits", "--limit", "200",
    ]
    let outcome = try Tool.run(
      arguments + ["--alphas", "0,1", "--layers", "1,3", "--plot", path("s.svg"), "--json"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let result = try outcome.json()
    #expect(result["corruption"]?.string == "contrast" && result["severity"]?.integer == 5)
    let rows = try #require(result["rows"]?.array)
    #expect(rows.compactMap { $0["layers"]?.integer } == [1, 1, 3, 3])
    #expect(rows.compactMap { $0["alpha"]?.number } == [0, 1, 0, 1])
    // Without strength the number of layers does not matter; the figures are those of `evaluate`.
    let plain = try Tool.run([
      "evaluate", model("standard"), "--data", "digits", "--limit", "200", "--corruptions",
      "contrast", "--severities", "5", "--json",
    ]).json()["models"]?[0]
    for row in [rows[0], rows[2]] {
      for (own, other) in [
        (row["cleanAccuracy"], plain?["cleanAccuracy"]),
        (row["robustAccuracy"], plain?["corruptions"]?[0]?["accuracy"]),
      ] {
        // One is counted, the other one minus an error.
        #expect(abs(try #require(own?.number) - #require(other?.number)) < 1e-12)
      }
    }
    #expect(scratch.contents.contains("s.svg") && scratch.contents.contains("s.csv"))
    for (more, word) in [
      (["--layers", "1-4"], "3"), (["--alphas", "x"], "strength"),
      (["--corruption", "stripe", "--strength", "0"], "strength"),
      (["--corruption", "gaseous"], "corruption"),
    ] {
      let refused = try Tool.run(arguments + more)
      #expect(refused.code == 64 && refused.errors.contains(word), "\(more) \(refused.errors)")
    }
  }

  @Test("the number of layers is chosen by what they gain, and signatures are compared")
  func automaticAndCompare() throws {
    let chosen = try extract(
      "contrast", "--layers", "auto", "--data", "digits", "--corruption", "contrast:5", "--limit",
      "300")
    #expect(chosen.code == 0 || chosen.errors.contains("more robust"), "\(chosen.errors)")
    if chosen.code == 0 {
      let automatic = try chosen.json()["automatic"]
      #expect((1...3).contains(automatic?["count"]?.integer ?? 0))
    } else {
      try extract("contrast")
    }
    try extract("noise")
    let compared = try Tool.run(
      ["signature", "compare", path("noise.rws.h5"), path("contrast.rws.h5"), "--json"]
    ).json()
    #expect(abs((compared["cosine"]?[0]?[0]?.number ?? 0) - 1) < 1e-9)
    #expect(compared["nearest"]?[0]?["index"]?.integer == 1)
  }
}

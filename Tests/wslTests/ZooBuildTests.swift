import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// `wsl zoo build` as a user runs it: families of networks, trees, and a build that is killed.
@Suite("Zoos of several families", .serialized)
struct ZooBuildTests {
  static let spec = """
    name: f
    data: digits
    training: {optimizer: adamw, learning-rate: 0.005, epochs: 4, schedule: one-cycle}
    models:
      - {name: mlp, model: {kind: mlp, width: 64, depth: 2}}
      - {name: vgg, model: {kind: vgg, width: 8, blocks: [2, 1], batch-norm: true, hidden: [32]}}
      - {name: resnet, model: {kind: resnet, width: 8, blocks: [1, 1]}}
      - name: tuned
        parent: vgg
        data: {corruption: {type: gaussian-noise, severity: 2}}
        training: {epochs: 1, checkpoints: [0]}
    """

  @Test("every family trains well, and its file is understood and its symmetries hold")
  func families() throws {
    let folder = try Scratch()
    try Self.spec.write(toFile: folder.path("f.yaml"), atomically: true, encoding: .utf8)
    let built = try Tool.run(
      "zoo", "build", folder.path("f.yaml"), "-o", folder.path("zoo"), "--json")
    #expect(built.code == 0, "\(built.errors)")
    let models = try #require(try built.json()["models"]?.array)
    #expect(models.count == 4)
    for model in models {
      let name = model["name"]?.string ?? ""
      #expect((model["testAccuracy"]?.number ?? 0) > 0.9, "\(name)")
      let file = try #require(model["file"]?.string)
      let checked = try Tool.run("inspect", file, "--symmetries", "--check")
      #expect(checked.code == 0, "\(name): \(checked.errors)")
    }
    // What a child starts from measures as its parent ends: the same weights.
    func accuracy(_ file: String) throws -> Double {
      let path = folder.path("zoo/\(file).h5")
      let outcome = try Tool.run(
        "connect", path, path, "--data", "digits", "--points", "2", "--json")
      #expect(outcome.code == 0, "\(outcome.errors)")
      return try #require(
        try outcome.json()["curves"]?[0]?["points"]?[0]?["accuracy"]?.number)
    }
    let parent = try accuracy("f-vgg")
    #expect(try accuracy("f-tuned-epoch0") == parent)
    #expect(models[1]["testAccuracy"]?.number == parent)
  }

  @Test("a build that is killed is resumed to the bytes of one that was not")
  func killed() throws {
    let folder = try Scratch()
    let spec = """
      name: k
      data: digits
      model: {kind: mlp, width: 32}
      training: {epochs: 60, checkpoints: [1, 2, 4, 8, 16, 32]}
      seeds: [0, 1]
      """
    try spec.write(toFile: folder.path("k.yaml"), atomically: true, encoding: .utf8)
    let whole = try Tool.run("zoo", "build", folder.path("k.yaml"), "-o", folder.path("whole"))
    #expect(whole.code == 0, "\(whole.errors)")

    let process = Process()
    process.executableURL = Tool.executable
    process.arguments = [
      "zoo", "build", folder.path("k.yaml"), "-o", folder.path("cut"), "--jobs", "1", "--quiet",
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let state = folder.path("cut/.k-seed0.state.h5")
    let end = Date(timeIntervalSinceNow: 30)
    while !FileManager.default.fileExists(atPath: state), process.isRunning, Date() < end {
      usleep(2000)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(FileManager.default.fileExists(atPath: state))
    #expect(!FileManager.default.fileExists(atPath: folder.path("cut/k-seed0.h5")))

    let resumed = try Tool.run(
      "zoo", "build", folder.path("k.yaml"), "-o", folder.path("cut"), "--resume")
    #expect(resumed.code == 0, "\(resumed.errors)")
    func contents(_ name: String) throws -> [String: Data] {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path(name))
      return try Dictionary(
        uniqueKeysWithValues: names.map {
          ($0, try Data(contentsOf: URL(fileURLWithPath: folder.path(name) + "/" + $0)))
        })
    }
    let files = try contents("whole")
    #expect(files.count == 14)
    #expect(try contents("cut") == files)
  }
}

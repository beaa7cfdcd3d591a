// swift-tools-version: 6.2
import PackageDescription

/// How another package uses the libraries of `wsl`. In yours, put the URL of the repository in the place
/// of the path.
let package = Package(
  name: "Examples",
  dependencies: [.package(name: "wsl", path: "..")],
  targets: [
    .executableTarget(
      name: "MatchTwoFiles",
      dependencies: [
        .product(name: "Matching", package: "wsl"),
        .product(name: "ModelGraph", package: "wsl"),
        .product(name: "WeightFiles", package: "wsl"),
      ])
  ])

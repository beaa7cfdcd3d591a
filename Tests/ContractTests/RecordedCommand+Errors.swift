extension RecordedCommand {
  /// Errors whose remedy names a flag or a command: the line that the user reads is a contract, too.
  static let errors: [RecordedCommand] = [
    ("missing", "inspect nothing.h5"),
    ("damaged", "inspect broken.h5"),
    ("unknown-flag", "inspect raw/raw-seed0.h5 --tensor"),
    ("no-data", "match raw/raw-seed0.h5 raw/raw-seed1.h5 --method activations"),
    ("scale-no-data", "match raw/raw-seed0.h5 raw/raw-seed1.h5 --scale-units -o out/x.h5"),
    ("exists", "convert raw/raw-seed0.h5 -o raw/raw-seed1.h5"),
    ("folder-exists", "zoo build net.yaml -o net"),
    ("not-a-graph", "match noise.rws.h5 raw/raw-seed0.h5"),
    ("packed-has-no-layers", "match packed.h5 raw/raw-seed0.h5"),
    ("compression-twice", "convert raw/raw-seed0.h5 -o out/x.npz.zst --compression gzip:4"),
    ("no-compression", "convert raw/raw-seed0.h5 -o out/x.npz --compression zstd:1"),
    ("no-permutation", "permute raw/raw-seed0.h5 --with results/pair.json -o out/x.h5"),
    ("base-needed", "merge raw/raw-seed0.h5 raw/raw-seed1.h5 --method ties -o out/x.h5"),
    (
      "base-unwanted",
      "merge raw/raw-seed0.h5 raw/raw-seed1.h5 --base raw/raw-seed2.h5 --method slerp -o out/x.h5"
    ),
    ("not-packed", "zoo unpack raw/raw-seed0.h5 -o out/x"),
    ("no-index", "zoo list nothing.sqlite"),
    ("no-such-index", "zoo list raw/raw-seed0.h5"),
    ("unknown-column", "zoo list zoo.sqlite --columns nme"),
    ("unscanned-column", "zoo list unscanned.sqlite --of spectrum"),
    ("no-sql", "zoo list zoo.sqlite --where seed=="),
    ("no-part", "zoo scan zoo.sqlite --shard 3/2 -o out/x.sqlite"),
    ("no-part-text", "zoo scan zoo.sqlite --shard one -o out/x.sqlite"),
    ("no-scheduler", "zoo scan zoo.sqlite -o out/x.sqlite"),
    ("no-shards", "zoo merge zoo.sqlite raw"),
    ("no-shard-file", "zoo merge zoo.sqlite raw/raw-seed0.h5"),
    ("shard-exists", "zoo scan unscanned.sqlite --shard 1/2 -o shard.sqlite"),
    ("too-many-shards", "zoo submit zoo.sqlite --shards 0 --dry-run"),
    ("no-option", "zoo submit zoo.sqlite --shards 2 --option partition --dry-run"),
    ("no-signature", "patch net/net-seed0.h5 --rws raw/raw-seed0.h5 -o out/x.h5"),
    ("patched-twice", "patch patched.h5 --rws noise.rws.h5 -o out/x.h5"),
    (
      "no-levels",
      "signature extract --pretrained tree/tree-root.h5 --standard tree/tree-plain-seed0.h5 "
        + "--robust tree/tree-noisy-seed0.h5 --levels 1 -o out/x.rws.h5"
    ),
    ("no-probe", "probe predict raw/raw-seed0.h5 net/net-seed0.h5"),
    ("no-result", "report permutation.json -o out/x.html"),
    ("memory", "inspect raw/raw-seed0.h5 --checksums --max-memory 1K"),
    ("evaluator", "connect raw/raw-seed0.h5 raw/raw-seed1.h5 --points 2 --evaluator false"),
    ("bad-graph", "inspect raw/raw-seed0.h5 --graph graph.yaml"),
    ("freeze", "match raw/raw-seed0.h5 raw/raw-seed1.h5 --freeze nothing"),
  ].map { RecordedCommand("error-" + $0.0, $0.1, json: false) }
}

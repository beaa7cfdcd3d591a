extension RecordedCommand {
  /// Every command, on the inputs of `Scene`.
  static let table =
    files + pairs + signatures + zoos + landscapes + probes + others + commaSeparated

  private static let files: [RecordedCommand] = [
    .init("inspect", "inspect raw/raw-seed0.h5"),
    .init(
      "inspect-all", "inspect raw/raw-seed0.h5 raw/raw-seed1.h5 --tensors --symmetries --checksums"),
    .init("inspect-check", "inspect net/net-seed0.h5 --symmetries --check", .near),
    .init("convert", "convert raw/raw-seed0.h5 -o out/converted.safetensors --force"),
    .init("diff", "diff raw/raw-seed0.h5 raw/raw-seed1.h5"),
    .init("diff-plot", "diff raw/raw-seed0.h5 raw/raw-seed1.h5 --plot out/moved.svg --force"),
    .init("diff-above", "diff raw/raw-seed0.h5 raw/raw-seed1.h5 --fail-above 0.1"),
    .init("diff-canonical", "diff raw/raw-seed0.h5 raw/raw-seed0.h5 --canonical"),
    .init("diff-canonical-changed", "diff raw/raw-seed0.h5 raw/raw-seed1.h5 --canonical", .near),
    .init("kin", "kin raw/raw-seed0.h5 raw/raw-seed1.h5", .near),
    .init("kin-tuned", "kin tree/tree-root.h5 tree/tree-plain-seed0.h5", .near),
    .init("spectrum", "spectrum raw/raw-seed0.h5 raw/raw-seed1.h5", .near),
    .init(
      "spectrum-weightwatcher", "spectrum raw/raw-seed0.h5 --compat weightwatcher --randomize",
      .near),
    .init(
      "spectrum-summary",
      "spectrum raw/raw-seed0.h5 raw/raw-seed1.h5 --compat weightwatcher --summary --layers fc*",
      .near),
    .init(
      "spectrum-lines", "spectrum raw/raw-seed0.h5 raw/raw-seed1.h5 --json-lines", .near,
      json: false),
    .init("spectrum-csv", "spectrum raw/raw-seed0.h5 --csv", .near, json: false),
    .init(
      "spectrum-compare", "spectrum net/net-seed0.h5 net/net-seed1.h5 --compare --angles 3", .near),
    .init(
      "spectrum-plot", "spectrum raw/raw-seed0.h5 --plot out/spectra.svg --bootstrap 5 --force",
      .near),
  ]

  private static let pairs: [RecordedCommand] = [
    .init("match", "match raw/raw-seed0.h5 raw/raw-seed1.h5", .rounded),
    .init(
      "match-output",
      "match net/net-seed0.h5 net/net-seed1.h5 -o out/matched.h5 --restarts 3 --force", .near),
    .init(
      "match-activations",
      "match net/net-seed0.h5 net/net-seed1.h5 --method activations --data digits", .near),
    .init(
      "match-scaled",
      "match net/net-seed0.h5 net/net-seed1.h5 --scale-units --data digits "
        + "-o out/scaled.h5 --force", .near),
    .init(
      "match-several",
      "match net/net-seed0.h5 net/net-seed1.h5 net/net-seed2.h5 --reference mean "
        + "-o out/several --force", .near),
    .init(
      "match-universe",
      "match net/net-seed0.h5 net/net-seed1.h5 net/net-seed2.h5 --reference universe", .wordsOnly),
    .init(
      "permute", "permute raw/raw-seed1.h5 --with permutation.json -o out/permuted.h5 --force"),
    .init("merge", "merge raw/raw-seed0.h5 raw/raw-seed1.h5 -o out/mean.h5 --force", .near),
    .init("merge-recipe", "merge --recipe recipe.yaml -o out/recipe.safetensors --force"),
    .init(
      "merge-match",
      "merge net/net-seed0.h5 net/net-seed1.h5 net/net-seed2.h5 --match -o out/met.h5 --force",
      .near),
    .init(
      "merge-repair",
      "merge net/net-seed0.h5 net/net-seed1.h5 --match --repair rescale -o out/repaired.h5 --force",
      .near),
    .init(
      "merge-ties",
      "merge tree/tree-plain-seed0.h5 tree/tree-noisy-seed0.h5 --base tree/tree-root.h5 "
        + "--method ties --density 0.5 -o out/ties.safetensors --force", .wordsOnly),
    .init(
      "connect",
      "connect net/net-seed0.h5 net/net-seed1.h5 --data digits --points 3 --match", .near),
    .init(
      "connect-several",
      "connect net/net-seed0.h5 net/net-seed1.h5 net/net-seed2.h5 --data digits --points 3 "
        + "--match --repair repair --split both --no-measures --plot out/paths.svg --force", .near),
    .init(
      "connect-bezier",
      "connect net/net-seed0.h5 net/net-seed1.h5 --data digits --points 3 --path bezier "
        + "--curve-epochs 1", .near),
    .init(
      "evaluate", "evaluate net/net-seed0.h5 net/net-seed1.h5 --data digits --limit 100", .near),
    .init(
      "evaluate-corruptions",
      "evaluate net/net-seed0.h5 --data digits --limit 50 --corruptions fog,contrast "
        + "--severities 1,3", .near),
  ]

  private static let signatures: [RecordedCommand] = [
    .init(
      "signature-extract",
      "signature extract --pretrained tree/tree-root.h5 --standard tree/tree-plain-seed0.h5 "
        + "--robust tree/tree-noisy-seed0.h5 --name noise -o out/noise.rws.h5 --force", .wordsOnly),
    .init("signature-info", "signature info noise.rws.h5", .wordsOnly),
    .init("signature-compare", "signature compare noise.rws.h5 other.rws.h5", .wordsOnly),
    .init(
      "signature-sweep",
      "signature sweep tree/tree-plain-seed0.h5 --rws noise.rws.h5 --data digits "
        + "--corruption gaussian-noise:3 --alphas 0,1 --layers 1,3 --limit 100", .near),
    .init(
      "patch", "patch net/net-seed0.h5 --rws noise.rws.h5@0.7 -o out/patched.h5 --force", .wordsOnly
    ),
    .init("patch-list", "patch patched.h5 --list", .wordsOnly),
    .init("patch-dry", "patch patched.h5 --rws other.rws.h5 --dry-run", .wordsOnly),
    .init("patch-remove", "patch patched.h5 --remove noise -o out/restored.h5 --force", .wordsOnly),
  ]

  private static let zoos: [RecordedCommand] = [
    .init("zoo-build", "zoo build net.yaml -o net --resume", .near),
    .init("zoo-index", "zoo index net tree raw -o out/zoo.sqlite --force"),
    .init("zoo-list", "zoo list zoo.sqlite --where seed=0", .near),
    .init(
      "zoo-list-groups",
      "zoo list zoo.sqlite --group-by optimizer --aggregate avg(test_accuracy)", .near),
    .init("zoo-list-tensors", "zoo list zoo.sqlite --tensors --limit 7", .wordsOnly),
    .init("zoo-list-statistics", "zoo list zoo.sqlite --of statistics --limit 5", .near),
    .init("zoo-columns", "zoo list zoo.sqlite --show-columns"),
    .init("zoo-csv", "zoo list zoo.sqlite --columns name,parameters,seed --csv", json: false),
    .init("zoo-show", "zoo show zoo.sqlite net-seed0", .wordsOnly),
    .init("zoo-duplicates", "zoo duplicates zoo.sqlite --min-bytes 1", .wordsOnly),
    .init("zoo-verify", "zoo verify zoo.sqlite"),
    .init(
      "zoo-export", "zoo export zoo.sqlite --features minmax -o out/features.csv --force", .near),
    .init("zoo-scan", "zoo scan zoo.sqlite --metrics statistics,norms"),
    .init("zoo-shard", "zoo scan unscanned.sqlite --shard 2/2 -o out/shard.sqlite --force"),
    .init("zoo-merge", "zoo merge unscanned.sqlite shard.sqlite"),
    .init("zoo-submit", "zoo submit unscanned.sqlite --shards 2 --dry-run"),
    .init("zoo-trees", "zoo trees zoo.sqlite --truth index", .keysOnly),
    .init("zoo-route", "zoo route zoo.sqlite tree/tree-plain-seed0.h5", .near),
    .init("zoo-pack", "zoo pack raw -o out/packed.h5 --force", .wordsOnly),
    .init("zoo-unpack", "zoo unpack packed.h5 -o out/unpacked --force", .wordsOnly),
  ]

  private static let landscapes: [RecordedCommand] = [
    .init(
      "hessian",
      "hessian raw/raw-seed0.h5 --data digits --limit 60 --top 2 --products 20 --split both "
        + "--no-density", .near),
    .init(
      "hessian-density",
      "hessian raw/raw-seed0.h5 --data digits --limit 20 --tensor fc3/weight --plot "
        + "out/density.svg --force", .wordsOnly),
    .init(
      "landscape",
      "landscape raw/raw-seed0.h5 --data digits --limit 60 --points 3 --plot out/section.svg --force",
      .near),
    .init(
      "landscape-through",
      "landscape raw/raw-seed0.h5 --through raw/raw-seed1.h5 raw/raw-seed2.h5 --data digits "
        + "--limit 60 --points 3", .near),
    .init(
      "similarity",
      "similarity raw/raw-seed0.h5 raw/raw-seed1.h5 raw/raw-seed2.h5 --data digits --limit 60",
      .near
    ),
    .init(
      "phases",
      "phases --table grid.csv --load width --temperature bs --draws 20 --plot out/phases.svg --force",
      .near),
    .init(
      "phases-given",
      "phases --table grid.csv --thresholds loss=0.1,connectivity=1,similarity=0.65 --draws 20",
      .near
    ),
    .init(
      "zoo-scan-cells",
      "zoo scan grid.sqlite --metrics hessian,connectivity,similarity,averaging --data digits "
        + "--limit 100 --curve-epochs 1"),
    .init("zoo-list-pairs", "zoo list grid.sqlite --of connectivity", .wordsOnly),
    // Every cell is far from these thresholds, on any processor.
    .init(
      "zoo-phases",
      "zoo phases grid.sqlite --load width --temperature batch-size --draws 20 "
        + "--thresholds loss=100,connectivity=10,similarity=0", .wordsOnly),
    .init(
      "zoo-submit-data",
      "zoo submit grid.sqlite --shards 2 --dry-run --metrics hessian,connectivity --data digits "
        + "--limit 100"),
    .init("zoo-scaling", "zoo scaling grid.sqlite --x units --y planted --draws 20", .near),
    .init(
      "zoo-multiplicity", "zoo multiplicity grid.sqlite --data digits --limit 20 --within 1",
      .wordsOnly),
  ]

  private static let probes: [RecordedCommand] = [
    .init(
      "probe-train",
      "probe train zoo.sqlite --target optimizer --kind statistics --folds 3 --task classes "
        + "--group none --no-baselines -o out/probe.h5 --force", .near),
    .init("probe-predict", "probe predict out/probe.h5 net/net-seed0.h5", .near),
    .init(
      "probe-evaluate", "probe evaluate out/probe.h5 zoo.sqlite --include-training", .near),
    .init(
      "probe-evaluate-plot",
      "probe evaluate out/probe.h5 zoo.sqlite --include-training --plot out/probe.svg --force",
      .near, json: false),
  ]

  private static let others: [RecordedCommand] = [
    .init("data-list", "data list"),
    .init(
      "data-corrupt", "data corrupt digits --type contrast --limit 20 -o out/digits.h5 --force"),
    .init("report-results", "report results -o out/results.html --force", .near),
    .init("report-index", "report zoo.sqlite -o out/zoo.html --force", .near),
    .init("doctor", "doctor", .keysOnly),
  ]

  /// Results as comma-separated values.
  private static let commaSeparated: [RecordedCommand] = {
    let commands: [(String, String, Numbers)] = [
      ("inspect", "inspect raw/raw-seed0.h5 raw/raw-seed1.h5", .exact),
      ("diff", "diff raw/raw-seed0.h5 raw/raw-seed1.h5", .near),
      ("match", "match raw/raw-seed0.h5 raw/raw-seed1.h5", .near),
      (
        "match-several",
        "match net/net-seed0.h5 net/net-seed1.h5 net/net-seed2.h5 --reference mean", .near
      ),
      (
        "connect", "connect net/net-seed0.h5 net/net-seed1.h5 --data digits --points 3 --match",
        .near
      ),
      (
        "evaluate",
        "evaluate net/net-seed0.h5 --data digits --limit 50 --corruptions fog --severities 1,3",
        .near
      ),
      (
        "hessian",
        "hessian net/net-seed0.h5 --data digits --limit 20 --products 10 --top 2 --no-density",
        .wordsOnly
      ),
      (
        "similarity", "similarity net/net-seed0.h5 net/net-seed1.h5 --data digits --limit 50", .near
      ),
      ("landscape", "landscape net/net-seed0.h5 --data digits --limit 20 --points 3", .wordsOnly),
      ("signature-info", "signature info noise.rws.h5", .wordsOnly),
      ("signature-compare", "signature compare noise.rws.h5 other.rws.h5", .wordsOnly),
      (
        "signature-sweep",
        """
        signature sweep tree/tree-plain-seed0.h5 --rws noise.rws.h5 --data digits --limit 50 \
        --corruption gaussian-noise:3 --alphas 0,1 --layers 1
        """, .wordsOnly
      ),
      ("zoo-route", "zoo route zoo.sqlite tree/tree-plain-seed0.h5", .near),
      ("zoo-verify", "zoo verify zoo.sqlite", .exact),
      ("probe-predict", "probe predict out/probe.h5 net/net-seed0.h5", .near),
    ]
    return commands.map { name, line, numbers in
      RecordedCommand("csv-" + name, line + " --csv", numbers, json: false)
    }
  }()
}

"""What came of the trials, for people: tables by topology and naming, and every failure."""

import collections

OUTCOMES = ("refused", "held", "moved", "warned", "alike", "WRONG")
MEANING = """\
refused: exit code 65, nothing written     held: written, and no unit may move
moved: written, units may move, and it computes the same
warned: computes something else; a warning names the square layers whose use no file tells
alike: computes something else; a warning speaks of square layers, and every name and shape is
    that of a plain row
WRONG: computes something else, and nothing says so"""


def table(results, key):
    """Lines of counts by outcome."""
    rows = collections.defaultdict(collections.Counter)
    for result in results:
        rows[key(result)][result["outcome"]] += 1
    width = max(map(len, rows))
    yield " " * width + "".join(f"{outcome:>9}" for outcome in OUTCOMES)
    for name, counts in sorted(rows.items()):
        yield f"{name:<{width}}" + "".join(f"{counts[o] or '.':>9}" for o in OUTCOMES)


def line(result, what):
    """One failure, with all that its finder needs."""
    note = f", {result['note']}" if result["note"] else ""
    return (
        f"{result['family']} {result['index']}: {result['topology']}{note}; "
        f"names {result['naming']}; {what}; groups {result.get('groups')}\n"
        f"    {result['files'][1]}\n"
        f"    repeat: random_networks.py WSL --family {result['family']} --seed {result['seed']} "
        f"--first {result['index']} --count {result['index'] + 1} --keep DIR"
        + (f" --topology '{result['only']}'" if result["only"] else "")
    )


def report(results):
    """Prints the tables and the failures; returns how many there are."""
    print(MEANING, end="\n\n")
    print("\n".join(table(results, lambda r: r["topology"])), end="\n\n")
    print("\n".join(table(results, lambda r: f"{r['family']}, {r['naming']}")), end="\n\n")
    rows = [r for r in results if r["expected"]]
    plain = [r for r in rows if not r["hourglass"]]
    again = [r for r in rows if r["hourglass"]]
    missing = [r for r in plain if r.get("units") != r["expected"]]
    some = [r for r in again if r.get("units") == r["expected"]]
    wrong = [r for r in results if r["outcome"] == "WRONG"]
    for result in wrong:
        print("WRONG", line(result, result["why"]))
    for result in missing:
        print("NOT MATCHED", line(result, result["say"] or result.get("warnings")))
    kinds = collections.Counter((r["topology"], r["note"]) for r in wrong)
    for (topology, note), count in sorted(kinds.items()):
        print(f"{count:>4} wrong: {topology}{', ' if note else ''}{note}")
    print(
        f"{len(plain) - len(missing)} of {len(plain)} plain rows with uniform names matched in full"
    )
    if again:
        print(
            f"{len(some)} of {len(again)} of those in which a width comes again after others, "
            "so that a sum around several layers fits"
        )
    print(f"{len(results)} networks: {len(wrong)} wrong, {len(missing)} plain rows not matched")
    return len(wrong) + len(missing)


def report_trained(results):
    """Prints how trained networks fared; returns how many are wrong."""
    for result in results:
        print(
            f"{'right' if result['right'] else 'WRONG'}  {result['name']}: "
            f"{result['accuracy']:.1%} of the training digits; difference {result['outcome']}, "
            f"{result.get('units', 0)} units matched {' '.join(result['errors'].splitlines()[-1:])}"
        )
    wrong = sum(not result["right"] for result in results)
    print(f"{len(results)} trained networks: {wrong} wrong")
    return wrong

"""The table that a comparison ends with."""


class Table:
    """Rows of ours beside a peer's, and what could not be measured."""

    def __init__(self):
        self.rows = []
        self.notes = []

    def add(self, what, mine, name, others, bar):
        """Milliseconds (or MiB, or kB) of ours and the peer's, one a round; `bar` is the ratio that is
        asked for, or None."""
        self.rows.append((what, min(mine), name, min(others), bar))

    def note(self, line):
        """A line below the table."""
        self.notes.append(line)

    def print(self):
        """Prints everything; returns how many bars are missed."""
        lines = [("what", "ours, ms", "peer", "peer, ms", "ratio", "bar")]
        missed = 0
        for what, mine, name, other, bar in self.rows:
            ratio = other / mine
            missed += bar is not None and ratio < bar
            verdict = "" if bar is None else f"{bar:g}" + ("" if ratio >= bar else "  missed")
            lines.append((what, f"{mine:.2f}", name, f"{other:.2f}", f"{ratio:.2f}", verdict))
        widths = [max(len(line[column]) for line in lines) for column in range(6)]
        for line in lines:
            cells = [
                cell.rjust(width) if column in (1, 3, 4) else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(line, widths))
            ]
            print("  ".join(cells).rstrip())
        for line in self.notes:
            print(line)
        return missed

"""The table of topologies: a name, the families that can build it, and how often it is drawn."""

TORCH = ("torch",)
KERAS = ("keras3", "legacy")
ALL = TORCH + KERAS

TABLE = []


def topology(name, families=ALL, weight=1):
    """Registers a function of a `Draw` that returns a `Network`."""

    def register(make):
        TABLE.append((name, families, weight, make))
        return make

    return register


def of_family(family):
    """Names and makers for a family, each as often as its weight says."""
    from . import branches, convolutions, famous, residuals, rows, sequences, strange  # noqa: F401

    return [
        (n, make)
        for n, families, weight, make in TABLE
        if family in families
        for _ in range(weight)
    ]

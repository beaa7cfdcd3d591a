"""CKA and SVCCA by NumPy, of matrices that are sines of their indices; prints SimilarityTests' numbers."""

import numpy as np


def features(count, width, step):
    row, column = np.mgrid[:count, :width]
    return np.sin(1 + step * row + 3 * column + 0.1 * row * column)


def biased(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    return np.linalg.norm(x.T @ y) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def criterion(x, y):
    """Song et al. 2012, equation 5, of plain Gram matrices without their diagonal."""
    n = len(x)
    k, l = x @ x.T, y @ y.T
    np.fill_diagonal(k, 0)
    np.fill_diagonal(l, 0)
    one = np.ones(n)
    whole = np.trace(k @ l) + (one @ k @ one) * (one @ l @ one) / ((n - 1) * (n - 2))
    return (whole - 2 / (n - 2) * (one @ k @ l @ one)) / (n * (n - 3))


def unbiased(x, y, size):
    pairs = [(x[s : s + size], y[s : s + size]) for s in range(0, len(x), size)]
    total = lambda f: sum(f(a, b) for a, b in pairs)
    scale = total(lambda a, b: criterion(a, a)) * total(lambda a, b: criterion(b, b))
    return total(criterion) / np.sqrt(scale)


def svcca(x, y, share=0.99):
    def basis(a):
        u, s, _ = np.linalg.svd(a - a.mean(0), full_matrices=False)
        kept = np.searchsorted(np.cumsum(s**2) / np.sum(s**2), share) + 1
        return u[:, :kept]

    return np.linalg.svd(basis(x).T @ basis(y), compute_uv=False).mean()


for width, step in [(9, 5.3), (6, 7.0), (60, 0.37)]:
    x, y = features(40, 6, 7.0), features(40, width, step)
    print(width, step, repr(biased(x, y)), repr(unbiased(x, y, 40)), repr(unbiased(x, y, 20)), repr(svcca(x, y)))

"""Makes corruptions.npz: images as the benchmarks' own libraries corrupt them.

    pip install numpy scipy scikit-image opencv-python-headless Pillow
    python make_corruptions.py

Only what depends on nothing but the image is compared element by element; of what draws, the parts
after the drawing are (`water`, `motion`, `shear`, `rotate`).
"""

import io
import os

import cv2
import numpy as np
from PIL import Image
from scipy import ndimage
from skimage import color, feature, filters, transform

rng = np.random.default_rng(3)


def image(rows, columns, channels):
    """Smooth shapes with sharp edges in them, of 8 bits."""
    noise = rng.random((rows, columns, channels))
    smooth = ndimage.gaussian_filter(noise, (2, 2, 0))
    smooth = (smooth - smooth.min()) / np.ptp(smooth)
    y, x = np.mgrid[:rows, :columns]
    smooth[(y - rows / 2) ** 2 + (x - columns / 3) ** 2 < (rows / 4) ** 2] *= 0.3
    return np.round(255 * smooth).astype(np.uint8)


def disk(radius, soft):
    reach, size = (8, 3) if radius <= 8 else (radius, 5)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    flat = (x**2 + y**2 <= radius**2).astype(np.float32)
    return cv2.GaussianBlur(flat / flat.sum(), (size, size), soft)


def enlarged(plane, factor):
    crops, trims = [], []
    for count in plane.shape:
        kept = int(np.ceil(count / factor))
        crops.append(slice((count - kept) // 2, (count - kept) // 2 + kept))
    big = ndimage.zoom(plane[tuple(crops)], factor, order=1)
    for count, size in zip(plane.shape, big.shape):
        trims.append(slice((size - count) // 2, (size - count) // 2 + count))
    return big[tuple(trims)]


def planes(x, change):
    return np.stack([change(x[..., c]) for c in range(x.shape[2])], axis=2)


def through_pillow(x, change):
    picture = Image.fromarray(x[..., 0] if x.shape[2] == 1 else x)
    return np.asarray(change(picture)).reshape(x.shape) / 255


def jpeg(x, quality):
    def change(picture):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality)
        return Image.open(file)

    return through_pillow(x, change)


def pixelated(x, share):
    rows, columns = x.shape[:2]
    small = (int(columns * share), int(rows * share))
    return through_pillow(
        x, lambda p: p.resize(small, Image.BOX).resize((columns, rows), Image.BOX))


def hsv(x, change):
    colours = color.rgb2hsv(x if x.shape[2] == 3 else np.repeat(x, 3, axis=2))
    change(colours)
    back = color.hsv2rgb(colours)
    return back if x.shape[2] == 3 else color.rgb2gray(back)[..., None]


def affine(x, matrix):
    rows, columns = x.shape[:2]
    middle = np.array([(columns - 1) / 2, (rows - 1) / 2])
    full = np.eye(3)
    full[:2, :2] = matrix
    full[:2, 2] = middle - matrix @ middle
    return planes(x, lambda p: transform.warp(p, transform.AffineTransform(matrix=full)))


def motion(plane, radius, deviation, angle):
    """ImageMagick's motion blur, term by term."""
    width = 2 * radius + 1
    kernel = np.exp(-np.arange(width) ** 2 / (2 * deviation**2))
    kernel /= kernel.sum()
    down, right = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    rows, columns = plane.shape
    y, x = np.mgrid[:rows, :columns]
    total = np.zeros(plane.shape)
    for i, weight in enumerate(kernel):
        yy = np.clip(y + int(np.ceil(i * down - 0.5)), 0, rows - 1)
        xx = np.clip(x + int(np.ceil(i * right - 0.5)), 0, columns - 1)
        total += weight * plane[yy, xx]
    return total


def water(liquid):
    layer = (liquid * 255).astype(np.uint8)
    near = cv2.distanceTransform(255 - cv2.Canny(layer, 50, 150), cv2.DIST_L2, 5)
    near = np.minimum(near, 20)
    near = cv2.equalizeHist(cv2.blur(near, (3, 3)).astype(np.uint8))
    near = cv2.filter2D(near, cv2.CV_8U, np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]))
    mask = layer * cv2.blur(near, (3, 3)).astype(np.float32)
    return mask / mask.max()


def summed(x, factors):
    return planes(
        x, lambda p: (p + sum(enlarged(p, f) for f in factors)) / (len(factors) + 1))


fixtures = {}
for name, shape in {"grey": (28, 28, 1), "colour": (32, 32, 3), "odd": (13, 18, 3)}.items():
    byte = image(*shape)
    x = byte / 255
    fixtures[f"{name}/image"] = byte

    def add(kind, severity, scale, result):
        fixtures[f"{name}/{kind}/{severity}/{scale}"] = np.clip(result, 0, 1).astype(np.float16)

    for s, c in [(2, 0.6), (5, 1)]:
        add("gaussian-blur", s, "cifar",
            planes(x, lambda p: filters.gaussian(p, c, mode="nearest")))
    add("gaussian-blur", 2, "mnist", planes(x, lambda p: filters.gaussian(p, 2, mode="nearest")))
    for s, scale, c in [(2, "cifar", (0.4, 0.5)), (5, "cifar", (1.5, 0.1)), (2, "mnist", (4, 0.5)),
                        (5, "mnist", (10, 0.5))]:
        add("defocus-blur", s, scale, planes(x, lambda p: cv2.filter2D(p, -1, disk(*c))))
    add("zoom-blur", 1, "cifar", summed(x, np.arange(1, 1.06, 0.01)))
    add("zoom-blur", 5, "cifar", summed(x, np.arange(1, 1.26, 0.01)))
    add("zoom-blur", 5, "mnist", summed(x, np.arange(1, 1.31, 0.03)))
    mean = x.mean(axis=(0, 1), keepdims=True)
    add("contrast", 5, "cifar", mean + 0.15 * (x - mean))

    def brighter(colours):
        colours[..., 2] = np.clip(colours[..., 2] + 0.3, 0, 1)

    add("brightness", 5, "cifar", hsv(x, brighter))
    for s, factor, plus in [(2, 0.1, 0), (5, 2.5, 0.2)]:
        def richer(colours):
            colours[..., 1] = np.clip(colours[..., 1] * factor + plus, 0, 1)

        add("saturate", s, "cifar", hsv(x, richer))
    for s, scale, share in [(1, "cifar", 0.95), (5, "cifar", 0.65), (3, "mnist", 0.4)]:
        add("pixelate", s, scale, pixelated(byte, share))
    for s, scale, quality in [(1, "cifar", 80), (5, "cifar", 40), (5, "mnist", 7)]:
        add("jpeg-compression", s, scale, jpeg(byte, quality))
    add("scale", 3, "mnist", affine(x, np.eye(2) / 0.7))
    add("canny-edges", 5, "mnist", planes(x, lambda p: feature.canny(p).astype(float)))
    for sign in (-1, 1):
        a = 0.4 * sign
        add("shear", 2, f"mnist{sign:+d}",
            affine(x, np.array([[1, -np.sin(a)], [0, np.cos(a)]])))
        add("rotate", 2, f"mnist{sign:+d}",
            affine(x, np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])))
    for angle in (-31.0, 17.5):
        fixtures[f"{name}/motion/{angle}"] = motion(x[..., 0], 8, 2, angle).astype(np.float16)
    liquid = filters.gaussian(rng.normal(0.65, 0.3, shape[:2]), 1, mode="nearest")
    liquid[liquid < 0.69] = 0
    fixtures[f"{name}/liquid"] = np.clip(liquid, 0, 1).astype(np.float32)
    fixtures[f"{name}/water"] = water(np.clip(liquid, 0, 1).astype(np.float32)).astype(np.float16)

folder = os.path.dirname(os.path.abspath(__file__))
np.savez_compressed(os.path.join(folder, "corruptions.npz"), **fixtures)
print(len(fixtures), os.path.getsize(os.path.join(folder, "corruptions.npz")))

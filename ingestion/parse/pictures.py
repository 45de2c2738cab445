"""Picture files as upright grey or colour pages, and how far the lines of a page are from level."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.errors import DamagedFile, FileTooLarge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

_MOST_PIXELS = 120_000_000  # A4 at 1200 dpi; more is a mistake or an attack
_STEEPEST = 5.0  # degrees of skew looked for
_LEVEL = 0.1  # degrees: not worth turning


def image_pages(path: Path) -> Iterator[Image]:
    """Each frame of an image file in RGB, turned as its EXIF orientation says. Raises DamagedFile, FileTooLarge."""
    from PIL import Image, ImageOps, ImageSequence

    try:
        with Image.open(path) as file:
            if file.width * file.height > _MOST_PIXELS:
                raise _too_large(path)
            for frame in ImageSequence.Iterator(file):
                if frame.width * frame.height > _MOST_PIXELS:
                    raise _too_large(path)
                yield _on_white(ImageOps.exif_transpose(frame))
    except Image.DecompressionBombError as err:
        raise _too_large(path) from err
    except (OSError, SyntaxError, ValueError, EOFError) as err:
        raise DamagedFile(_damaged(path)) from err


def image_page_count(path: Path) -> int:
    """How many frames an image file has. Raises DamagedFile."""
    from PIL import Image

    try:
        with Image.open(path) as file:
            return int(getattr(file, "n_frames", 1))
    except Image.DecompressionBombError as err:
        raise _too_large(path) from err
    except (OSError, SyntaxError, ValueError, EOFError) as err:
        raise DamagedFile(_damaged(path)) from err


def _damaged(path: Path) -> str:
    return f"The picture {path.name} is damaged and cannot be opened; ask for it again."


def _too_large(path: Path) -> FileTooLarge:
    return FileTooLarge(
        f"The picture {path.name} has more than {_MOST_PIXELS // 1_000_000} million pixels; save it at 300 dots per "
        "inch and add that."
    )


def _on_white(image: Image) -> Image:
    """The image without transparency: what is transparent is white, as on paper."""
    from PIL import Image as Pillow

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Pillow.new("RGBA", image.size, "white")
        return Pillow.alpha_composite(white, image).convert("RGB")
    if image.mode.startswith("I;16"):  # 16 bits of grey: keep the upper eight
        return image.point(lambda value: value / 256).convert("L").convert("RGB")
    return image.convert("RGB")


def paper_shade(grey: Image) -> int:
    """The commonest shade of the page, to fill the corners that turning leaves bare."""
    histogram = grey.histogram()
    return max(range(128, 256), key=lambda shade: histogram[shade])


def skew(grey: Image) -> float:
    """The degrees by which to turn a page anticlockwise to make its lines level; 0.0 when they are, or there are none.

    Method: of the turns within 5 degrees, the one whose rows of pixels differ most in ink (projection profile).
    """
    import numpy as np

    small = grey.copy()
    small.thumbnail((1000, 1000))
    shades = np.asarray(small, dtype=np.float32)
    ink = (shades < min(160.0, float(shades.mean()) - 20)).astype(np.float32)
    ink[: len(ink) // 50] = ink[-(len(ink) // 50 + 1) :] = 0  # the shadow at the edges of a scan
    ys, xs = np.nonzero(ink)
    if len(ys) < 200:
        return 0.0
    coarse = np.arange(-_STEEPEST, _STEEPEST + 0.01, 0.5)
    best = max(coarse, key=lambda angle: _sharpness(xs, ys, float(angle)))
    fine = np.arange(best - 0.5, best + 0.51, 0.05)
    best = max(fine, key=lambda angle: _sharpness(xs, ys, float(angle)))
    if _sharpness(xs, ys, float(best)) < 1.03 * _sharpness(xs, ys, 0.0) or abs(best) < _LEVEL:
        return 0.0
    return round(float(best), 2)


def _sharpness(xs: NDArray[np.int64], ys: NDArray[np.int64], degrees: float) -> float:
    """How much the ink of neighbouring rows differs when the page is turned anticlockwise by `degrees`."""
    import numpy as np

    angle = math.radians(degrees)
    rows = np.round(ys * math.cos(angle) - xs * math.sin(angle)).astype(np.int64)
    profile = np.bincount(rows - rows.min()).astype(np.float64)
    return float(np.square(np.diff(profile)).sum())

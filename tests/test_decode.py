"""Image files as grayscale squares: resize policies, depths, colours, orientations, damage."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from jobs.data.pixels.decode import UnreadableError, read_gray, read_square

RAMP = np.tile(np.linspace(0, 255, 200).astype(np.uint8), (100, 1))  # 200 wide, 100 high


def saved(path: Path, image: Image.Image, **how: Any) -> Path:
    image.save(path, **how)
    return path


@pytest.mark.parametrize("name", ["x.jpg", "x.png"])
def test_policies(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path / name, Image.fromarray(RAMP))
    stretched = read_square(path, 40, "stretch")
    assert (stretched.width, stretched.height, stretched.mode) == (200, 100, "L")
    np.testing.assert_allclose(stretched.pixels[20], np.linspace(3, 252, 40), atol=3)
    padded = read_square(path, 40, "pad").pixels
    assert int(padded[:9].max()) == int(padded[-9:].max()) == 0
    np.testing.assert_allclose(padded[20], np.linspace(3, 252, 40), atol=3)
    cropped = read_square(path, 40, "crop").pixels
    np.testing.assert_allclose(cropped[20], np.linspace(65, 190, 40), atol=3)
    assert cropped.shape == padded.shape == (40, 40)


@pytest.mark.parametrize("policy", ["stretch", "pad", "crop"])
def test_a_large_jpeg_is_shrunk_like_its_full_decoding(tmp_path: Path, policy: Any) -> None:
    generator = np.random.default_rng(0)
    coarse = Image.fromarray(generator.integers(0, 255, (30, 40), dtype=np.uint8))
    fine = np.asarray(coarse.resize((1600, 1200), Image.Resampling.BICUBIC)).astype(float)
    noisy = (fine + generator.normal(0, 6, fine.shape)).clip(0, 255).astype(np.uint8)
    jpeg = saved(tmp_path / "x.jpg", Image.fromarray(noisy), quality=92)
    exact = saved(tmp_path / "x.png", Image.fromarray(read_gray(jpeg)))
    found, expected = (
        read_square(path, 112, policy).pixels.astype(float) for path in (jpeg, exact)
    )
    noise_ratio = 10 * np.log10(255**2 / ((found - expected) ** 2).mean())
    assert noise_ratio > 45


def test_nothing_aliases(tmp_path: Path) -> None:
    stripes = np.zeros((1024, 1024), dtype=np.uint8)
    stripes[:, ::2] = 255
    shrunk = read_square(saved(tmp_path / "x.png", Image.fromarray(stripes)), 48, "stretch").pixels
    assert abs(float(shrunk.mean()) - 127.5) < 2
    assert int(np.ptp(shrunk)) < 12


@pytest.mark.parametrize(("low", "high"), [(0, 4095), (300, 65535), (1000, 1200)])
def test_sixteen_bits_are_scaled_by_their_own_range(tmp_path: Path, low: int, high: int) -> None:
    deep = (low + RAMP.astype(float) / 255 * (high - low)).round().astype(np.uint16)
    path = saved(tmp_path / "x.png", Image.fromarray(deep))
    np.testing.assert_allclose(read_gray(path), RAMP.astype(float), atol=1)
    assert read_square(path, 40, "stretch").mode == "I;16"


def test_a_flat_image_of_sixteen_bits_is_black(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.png", Image.fromarray(np.full((9, 9), 777, dtype=np.uint16)))
    assert int(read_gray(path).max()) == 0


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "CMYK", "YCbCr"])
def test_colours_become_luminance(tmp_path: Path, mode: str) -> None:
    name = "x.jpg" if mode in ("CMYK", "YCbCr") else "x.png"
    path = saved(tmp_path / name, Image.fromarray(RAMP).convert(mode))
    np.testing.assert_allclose(read_gray(path), RAMP.astype(float), atol=6)
    colour = Image.new("RGB", (32, 32), (255, 0, 0))
    path = saved(tmp_path / "red.png", colour, transparency=(1, 2, 3))
    assert int(read_gray(path)[0, 0]) == 76


def test_progressive_and_turned(tmp_path: Path) -> None:
    progressive = saved(tmp_path / "p.jpg", Image.fromarray(RAMP), progressive=True)
    np.testing.assert_allclose(read_gray(progressive), RAMP.astype(float), atol=3)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: right is what the file has at the top
    turned = read_square(saved(tmp_path / "t.jpg", Image.fromarray(RAMP), exif=exif), 40, "stretch")
    assert (turned.width, turned.height) == (100, 200)
    np.testing.assert_allclose(turned.pixels[:, 20], np.linspace(3, 252, 40), atol=3)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("share", [0.001, 0.3, 0.9, 0.999])
def test_a_cut_jpeg_is_truncated(tmp_path: Path, share: float, progressive: bool) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (600, 500), dtype=np.uint8)
    path = saved(tmp_path / "x.jpg", Image.fromarray(noise), progressive=progressive)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    for read in (read_gray, lambda path: read_square(path, 32, "crop")):
        with pytest.raises(UnreadableError) as raised:
            read(path)
        assert raised.value.trouble == "truncated"


@pytest.mark.parametrize(
    ("content", "trouble"),
    [(None, "missing"), (b"", "empty"), (b"no image", "unreadable"), (bytes(5000), "unreadable")],
)
def test_what_is_no_image_is_told(tmp_path: Path, content: bytes | None, trouble: str) -> None:
    path = tmp_path / "x.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableError, match=f"{path}: {trouble}") as raised:
        read_gray(path)
    assert raised.value.trouble == trouble


def test_a_cut_png_is_truncated(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.png", Image.fromarray(RAMP))
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(UnreadableError, match="truncated"):
        read_gray(path)

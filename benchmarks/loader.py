"""How quick images come: `PYTHONPATH=. python benchmarks/loader.py` prints one JSON document.

Full-size JPEGs are made; then, side by side in one run: what decoding an image costs, images a
second from packs, plain and augmented (by one thread), beside timm's loader on the same files (by
a worker a core), the memory that an epoch takes, and how near the machine's own copying of memory
all this comes.
"""

import argparse
import json
import os
import platform
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import timm
import torch
from numpy.typing import NDArray
from PIL import Image
from timm.data.dataset import ImageDataset
from timm.data.loader import create_loader

from jobs.data.phantom.write import write_phantom
from jobs.data.pixels.chunks import ChunkFile, chunk_images
from jobs.data.pixels.decode import Decoded
from jobs.data.pixels.pack import Pack, open_pack
from jobs.data.pixels.packing import Packing, build_pack
from jobs.data.table import ImageTable
from jobs.programs.attempt import SplitData
from jobs.programs.augmentation import augment
from jobs.programs.batches import random_stream
from jobs.programs.loader import load_batches
from jobs.recipe.schema import Augmentation, PhantomSettings, PixelSettings

WIDTH, HEIGHT = 2544, 3056
SIZES = (224, 320, 384, 512)
CORES = len(os.sched_getaffinity(0))
CPU = torch.device("cpu")
Figures = dict[str, Any]


def main() -> None:
    """Measure everything and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=24, help="different full-size JPEGs")
    parser.add_argument("--megabytes", type=int, default=400, help="of pixels in each pack")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--augmented-images", type=int, default=1024, help="changed at each size")
    parser.add_argument("--timm-images", type=int, default=64, help="decoded for each of its rates")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_jpegs(folder, chosen.files)
        copied = memory_copied()
        found = {
            "machine": f"{platform.machine()}, {CORES} cores",
            "versions": {
                "torch": torch.__version__,
                "timm": timm.__version__,
                "pillow": PIL.__version__,
            },
            "jpegs": {
                "files": len(files),
                "pixels": f"{WIDTH}x{HEIGHT}",
                "mean_MB": round(sum(file.stat().st_size for file in files) / len(files) / 1e6, 2),
            },
            "batch": chosen.batch,
            "limit": {
                "what": "a plain copy of memory by one thread, far beyond the caches",
                "GB_per_second": round(copied / 1e9, 2),
            },
            "packing": packing(folder),
            "loading": {},
        }
        for size in SIZES:
            data = wide_pack(folder, size, chosen.megabytes)
            found["loading"][f"{size} px"] = loading(data, chosen, folder, copied)
        found["memory"] = memory_of_epoch(data, chosen.batch)
    print(json.dumps(found, indent=1))


def write_jpegs(folder: Path, count: int) -> list[Path]:
    """Phantoms enlarged to full size, with noise as a detector has it: nearly 3 MB each."""
    phantom = PhantomSettings(train_images=count, development_images=1, test_images=1, size=512)
    write_phantom(folder / "phantom", phantom)
    (folder / "full").mkdir()
    noise = np.random.default_rng(0).normal(0, 7, (HEIGHT, WIDTH)).astype(np.float32)
    made = []
    for number, small in enumerate(sorted((folder / "phantom").rglob("*.jpg"))[:count]):
        with Image.open(small) as image:
            large = image.convert("L").resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
        pixels = np.asarray(large, dtype=np.float32) + np.roll(noise, 997 * number)
        made.append(folder / f"full/{number:03}.jpg")
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(made[-1], quality=92)
    return made


def memory_copied() -> float:
    """Bytes a second that one thread copies, far beyond its caches; the best of five."""
    source = np.ones(2**28, dtype=np.uint8)
    target = np.empty_like(source)
    return source.nbytes / min(seconds(partial(np.copyto, target, source)) for _ in range(5))


def packing(folder: Path) -> Figures:
    """Milliseconds an image: each size from the files, and all sizes with the largest as master.

    `cpu_ms` is processor time, the rest is time that passes with a thread a core.
    """
    names = np.array(sorted(path.name for path in (folder / "full").iterdir()))
    build = partial(build_pack, root=folder / "full", paths=names, settings=PixelSettings())

    def cost(name: str, size: int, threads: int, master: Path | None = None) -> float:
        work = partial(build, folder / name, size=size, threads=threads, master=master)
        clock = time.process_time if threads == 1 else time.perf_counter
        return round(seconds(work, clock) / len(names) * 1000, 1)

    cost("warm", 32, CORES)
    one = {size: cost(f"one-{size}", size, 1) for size in SIZES}
    every = {size: cost(f"all-{size}", size, CORES) for size in SIZES}
    master = folder / f"all-{SIZES[-1]}"
    smaller = {size: cost(f"small-{size}", size, CORES, master) for size in SIZES[:-1]}
    return {
        "cpu_ms": one,
        "ms_all_cores": every,
        "ms_all_cores_from_master": smaller,
        "all_sizes_from_files_ms": round(sum(every.values()), 1),
        "all_sizes_by_master_ms": round(every[SIZES[-1]] + sum(smaller.values()), 1),
    }


def wide_pack(folder: Path, size: int, megabytes: int) -> SplitData:
    """A pack of so many images of `size` px that no cache holds it: the decoded ones repeated."""
    decoded = open_pack(folder / f"all-{size}").pixels
    count = megabytes * 10**6 // size**2
    names = np.array([f"{number:06}.jpg" for number in range(count)])

    def source(row: int) -> Decoded:
        return Decoded(decoded[row % len(decoded)], WIDTH, HEIGHT, "L")

    place = folder / f"wide-{size}"
    place.mkdir()
    file = ChunkFile(place, count, size, chunk_images(size))
    Packing(file, names, PixelSettings(), CORES, lambda done, total: None, lambda: None).run(source)
    pack: Pack = open_pack(place)
    targets = np.zeros((count, 1), dtype=np.bool_)
    table = ImageTable("train", ("Mass",), names, names, names, names, names, targets)
    return SplitData(table, pack, pack.rows(names))


def loading(data: SplitData, chosen: argparse.Namespace, folder: Path, copied: float) -> Figures:
    """Images a second, ours and timm's, with what the copying of memory would allow."""
    size = data.pack.size
    batches = shuffled(data, chosen.batch)
    limit = copied / size**2
    uint8 = max(rate(partial(epoch, data, batches)) for _ in range(3))
    few = batches[: chosen.augmented_images // chosen.batch]
    floats = max(rate(partial(augmented_epoch, data, few)) for _ in range(2))
    plain, training = (
        timm_rate(folder / "full", size, chosen.timm_images, is_training)
        for is_training in (False, True)
    )
    return {
        "images": len(data.table),
        "ours_uint8": round(uint8),
        "ours_augmented": round(floats),
        "timm": round(plain, 1),
        "timm_augmented": round(training, 1),
        "times_timm": round(uint8 / plain),
        "times_timm_augmented": round(floats / training),
        "limit": round(limit),
        "share_of_limit": round(uint8 / limit, 2),
    }


def shuffled(data: SplitData, batch: int) -> list[NDArray[np.intp]]:
    """The batches of one epoch, in random order."""
    order = np.random.default_rng(0).permutation(len(data.table))
    return [order[start : start + batch] for start in range(0, len(order), batch)]


def epoch(data: SplitData, batches: list[NDArray[np.intp]]) -> int:
    """Load every batch as a job does; the number of images."""
    with closing(load_batches(data, batches, CPU)) as loaded:
        return sum(len(pixels) for pixels in loaded)


def augmented_epoch(data: SplitData, batches: Iterable[NDArray[np.intp]]) -> int:
    """Load and change every batch as training does; the number of images."""
    settings, images = Augmentation(), 0
    with closing(load_batches(data, batches, CPU)) as loaded:
        for number, pixels in enumerate(loaded):
            images += len(augment(pixels, settings, random_stream(0, number)))
    return images


def timm_rate(folder: Path, size: int, images: int, is_training: bool) -> float:
    """Images a second of timm's loader on the JPEGs, a worker a core, once its workers run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = ImageDataset(str(folder), input_img_mode="L")
        dataset.reader.samples = dataset.reader.samples * (4 + images // len(dataset))
        loader = create_loader(
            dataset,
            (1, size, size),
            batch_size=8,
            is_training=is_training,
            scale=(0.85, 1),
            hflip=0.5,
            color_jitter=0.1,
            mean=(0.5,),
            std=(0.5,),
            num_workers=CORES,
            use_prefetcher=False,
            persistent_workers=False,
        )
        batches = iter(loader)
        for _ in range(CORES):
            next(batches)
        started = time.perf_counter()
        done = sum(len(batch) for batch, _ in islice(batches, images // 8))
        taken = time.perf_counter() - started
        del batches
    return done / taken


def memory_of_epoch(data: SplitData, batch: int) -> Figures:
    """MB at the start, the middle and the end of an augmented epoch; anonymous memory is ours.

    The rest is the pack's own file, as far as it is mapped: the system takes it back when needed.
    """
    batches = shuffled(data, batch)
    told = []

    def watched() -> Iterable[NDArray[np.intp]]:
        for number, rows in enumerate(batches):
            if number in (len(batches) // 10, len(batches) // 2, len(batches) - 1):
                told.append(resident())
            yield rows

    augmented_epoch(data, batches[:8])
    augmented_epoch(data, watched())
    names = ("start", "middle", "end")
    return {"size": data.pack.size, **dict(zip(names, told, strict=True))}


def resident() -> Figures:
    """Resident memory of this process, anonymous and in all, MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return {
        name: round(int(fields[key].split()[0]) / 1024)
        for name, key in (("anonymous", "RssAnon"), ("all", "VmRSS"))
    }


def seconds(action: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """How long one call takes by `clock`."""
    started = clock()
    action()
    return clock() - started


def rate(work: Callable[[], int]) -> float:
    """Images a second of work that answers with their number."""
    started = time.perf_counter()
    return work() / (time.perf_counter() - started)


if __name__ == "__main__":
    main()

"""The gauge tells the memory that models took on the device, and costs nothing where none is."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from genval_assets.model_ports import Gauge
from resources.gauge import DeviceGauge


class Devices:
    """Stands for torch with some devices: bytes taken now and at most, by device."""

    def __init__(self, kind: str | None, *taken: int) -> None:
        self.now, self.most = list(taken), list(taken)
        self.accelerator = SimpleNamespace(
            current_accelerator=lambda check_available: None if kind is None else SimpleNamespace(type=kind),
            device_count=lambda: len(self.now),
            max_memory_allocated=lambda index: self.most[index],
            reset_peak_memory_stats=self._reset,
        )

    def _reset(self, index: int) -> None:
        self.most[index] = self.now[index]

    def take(self, index: int, bytes_: int) -> None:
        self.now[index] += bytes_
        self.most[index] = max(self.most[index], self.now[index])


@pytest.fixture
def devices(monkeypatch):
    def put(kind: str | None, *taken: int) -> Devices:
        monkeypatch.setitem(sys.modules, "torch", Devices(kind, *taken))
        return sys.modules["torch"]

    return put


def test_the_peak_since_the_reset_is_told_in_mb_over_all_devices(devices):
    torch = devices("cuda", 0, 0)
    gauge: Gauge = DeviceGauge()
    torch.take(0, 300 * 2**20)
    torch.take(0, -300 * 2**20)
    assert gauge.peak_mb() == 300.0
    gauge.reset()
    torch.take(0, 5 * 2**20)
    torch.take(1, 2**19)
    torch.take(0, -5 * 2**20)
    assert gauge.peak_mb() == 5.5


@pytest.mark.parametrize(("kind", "taken"), [(None, ()), ("mps", (2**20,)), ("cuda", (0,))])
def test_where_nothing_ran_on_a_counted_device_there_is_no_figure(devices, kind, taken):
    devices(kind, *taken)
    gauge = DeviceGauge()
    gauge.reset()
    assert gauge.peak_mb() is None


def test_asking_does_not_import_torch():
    program = (
        "import sys; from resources.gauge import DeviceGauge; gauge = DeviceGauge(); gauge.reset(); "
        "print(gauge.peak_mb(), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "None False", done.stderr


def test_the_real_torch_answers_as_the_gauge_asks_it():
    torch = pytest.importorskip("torch", reason="needs the extra 'models'")
    gauge = DeviceGauge()
    gauge.reset()
    if torch.accelerator.current_accelerator(check_available=True) is None:
        assert gauge.peak_mb() is None
        return
    held = torch.zeros(3 * 2**20, dtype=torch.uint8, device=torch.accelerator.current_accelerator())
    assert gauge.peak_mb() >= 3
    del held

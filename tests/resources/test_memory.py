"""When the device's memory ends a batch goes on in halves, whichever library says so; any other error is an error."""

from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch", reason="models in memory need the extra 'models'")

SAID = [
    "CUDA out of memory. Tried to allocate 2.00 GiB",
    "CUDA error: out of memory",
    "MPS backend out of memory (MPS allocated: 8.00 GB)",
    "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
    "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
    "Triton Error [CUDA]: CUDA_ERROR_OUT_OF_MEMORY",
    "[enforce fail at alloc_cpu.cpp:124] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes",
]
OTHER = [
    "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm`",
    "cuDNN error: CUDNN_STATUS_NOT_SUPPORTED",
    "CUDA error: an illegal memory access was encountered",
    "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)",
]


def room_for(most: int, error: Exception) -> Callable:
    """Return work on a device that holds so many items at once."""

    def work(items):
        if len(items) > most:
            raise error
        return [f"{item} done" for item in items]

    return work


def fitted(items: list[str], most: int, error: Exception) -> list[str]:
    from resources._memory import fitting

    return fitting(items, room_for(most, error), lambda item, why: f"{item}: {why}")


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("simulated"), *map(RuntimeError, SAID)], ids=str)
def test_whoever_says_that_memory_ended_the_batch_goes_on_in_halves(error):
    assert fitted(list("abcde"), 3, error) == [f"{one} done" for one in "abcde"]
    assert fitted(list("abcde"), 2, error) == [
        *[f"{one}: out of memory with 3 at once: lower the model's batch" for one in "abc"],
        "d done",
        "e done",
    ]


@pytest.mark.parametrize("error", [*map(RuntimeError, OTHER), ValueError("out of memory")], ids=str)
def test_any_other_error_passes_as_it_was(error):
    with pytest.raises(type(error)) as raised:
        fitted(["a", "b"], 1, error)
    assert raised.value is error

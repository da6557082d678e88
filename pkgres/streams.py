"""The methods that the streams of pkgres have in common, on MicroPython."""

try:
    from io import IOBase  # so that calls in C, such as json.load(), take it
except ImportError:  # small firmware
    IOBase = object  # type: ignore


class Stream(IOBase):
    """A stream for reading over another one, ``_stream``. A subclass adds the reading.

    After close() every call raises ValueError, as that of io.BytesIO does.
    """

    # Few functions, as each is RAM when this is loaded.

    def __getattr__(self, name):
        # Calls that few programs make are in another module, as each is RAM.
        if name == "_stream":
            raise ValueError("the stream is closed")
        import pkgres.stream_calls

        call = getattr(pkgres.stream_calls, name)
        return lambda *arguments: call(self, *arguments)

    def close(self) -> None:
        """Close this stream and the one it reads."""
        try:
            self._stream.close()
            del self._stream
        except ValueError:  # it is closed already
            pass

    def __iter__(self):
        return self

    __enter__ = __iter__

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def __exit__(self, *arguments):
        self.close()

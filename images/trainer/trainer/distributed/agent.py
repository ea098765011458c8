"""`python -m trainer.distributed.agent`: torchrun, also where torch was built without libuv, as Debian's is.

Its stores ask for libuv whatever the build can do, and no option says otherwise.
"""

from torch import distributed


class PlainStore(distributed.TCPStore):
    """A store that needs no libuv."""

    def __init__(self, *positional, **named) -> None:
        super().__init__(*positional, **{**named, "use_libuv": False})


if __name__ == "__main__":
    # before torchrun takes the name from there
    distributed.TCPStore = PlainStore
    from torch.distributed.run import main

    main()

"""Reads and writes a weight that is spread over a mesh of one: a program, since a process joins one group only."""

import sys

import torch
from torch import distributed
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import Shard, distribute_tensor

from trainer.distributed.whole import put, whole

if __name__ == "__main__":
    store = distributed.FileStore(sys.argv[1], 1)
    distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    sharded = distribute_tensor(torch.zeros(4, 2), init_device_mesh("cpu", (1,)), [Shard(0)])
    value = torch.arange(8.0).reshape(4, 2)
    put(sharded, value)
    assert torch.equal(whole(sharded), value)
    distributed.destroy_process_group()

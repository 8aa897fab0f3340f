import torch
from triton.backends import driver
from triton.backends.compiler import GPUTarget


class Interpreted(driver.DriverBase):
    @classmethod
    def is_active(cls):
        return True

    def get_current_target(self):
        return GPUTarget("cpu", 0, 0)

    def get_active_torch_device(self):
        return torch.device("cpu")

    def _refuse(self, *_):
        raise RuntimeError("this backend compiles and times nothing: set TRITON_INTERPRET=1")

    map_python_to_cpp_type = get_benchmarker = _refuse

"""A Triton backend that compiles nothing: with `TRITON_INTERPRET=1` kernels run in Triton's own interpreter, on NumPy.

vLLM on a CPU looks for a backend of the name "cpu" before it runs any Triton kernel. The wheels on PyPI have none, and an interpreted
kernel needs none.
"""

from triton.backends import compiler


class Nothing(compiler.BaseBackend):
    @staticmethod
    def supports_target(target):
        return target.backend == "cpu"

    def _refuse(self, *_):
        raise RuntimeError("this backend compiles nothing: set TRITON_INTERPRET=1")

    hash = parse_options = add_stages = load_dialects = get_module_map = _refuse

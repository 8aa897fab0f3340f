"""Seeds: a test that fails fails again, with the same examples."""

from hypothesis import HealthCheck, settings

settings.register_profile("seeded", derandomize=True, database=None, deadline=None,
                          suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
settings.load_profile("seeded")

"""The OpenAI API on Ray Serve, the application as it is: `serve run --app-dir examples ray_serve:api`, then POST to :8000/v1/chat/completions."""

from ray import serve

import structdiff
from structdiff.server import app


def application():
    """Called in each replica, which has a model of its own."""
    return app(structdiff.load())


api = serve.deployment(serve.ingress(application)(), name="structdiff", ray_actor_options={"num_cpus": 0.5}).bind()

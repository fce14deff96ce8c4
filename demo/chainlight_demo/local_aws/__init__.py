"""A local AWS without Docker, for the demo and the tests; never deployed.

Functions run as child processes under AWS's own runtime client (awslambdaric); the services around
them are moto's, in this process, not verified against a live account.
"""

from chainlight_demo.local_aws.server import LocalAws

__all__ = ["LocalAws"]

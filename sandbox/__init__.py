"""Strict local stand-ins of the providers, over real HTTP. See README.md."""

from .frame import Sandbox, known_providers


def start(base_port=0, providers=None, state=None, host='127.0.0.1'):
    """Start a sandbox in this process.

    :param base_port: control port, the others follow; 0 = free ports
    :param providers: codes, default all known
    :param state: path of a file that keeps the state over restarts
    :rtype: Sandbox
    """
    return Sandbox(base_port, providers, state, host)


__all__ = ['Sandbox', 'known_providers', 'start']

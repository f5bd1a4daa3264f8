"""python -m sandbox: serve until Ctrl-C."""

import argparse
import signal
import threading

from . import known_providers, start


def main():
    parser = argparse.ArgumentParser(prog='python -m sandbox', description=__doc__)
    parser.add_argument('--base-port', type=int, default=8900, metavar='N',
                        help='control port, providers follow (0: any free ports)')
    parser.add_argument('--state', metavar='FILE', help='keep the state in this file')
    parser.add_argument('--providers', metavar='a,b',
                        help=f'of {",".join(known_providers())} (default: all)')
    parser.add_argument('--host', default='127.0.0.1')
    args = parser.parse_args()
    codes = args.providers.split(',') if args.providers else None
    sandbox = start(args.base_port, codes, args.state, args.host)
    print(f'control   {sandbox.control_url}/', flush=True)
    for code in sandbox.providers:
        print(f'{code:<9} {sandbox.url(code)}', flush=True)
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    ended.wait()
    sandbox.stop()


if __name__ == '__main__':
    main()

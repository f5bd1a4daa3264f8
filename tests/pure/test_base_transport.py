"""The wire against a real socket that behaves badly: did the request leave or not?"""

import datetime
import ipaddress
import os
import re
import socket
import ssl
import struct
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from odoo.addons.gtg_connector_base.lib.errors import (
    OutcomeUnknown,
    Rejected,
    Retryable,
)
from odoo.addons.gtg_connector_base.lib.redaction import Redactor
from odoo.addons.gtg_connector_base.lib.transport import Transport

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"a":"\xc3\xa1"}'


class Peer:
    """A listening socket that answers each connection with given bytes."""

    def __init__(self, answer, reset=False):
        self.answer, self.reset, self.requests = answer, reset, []
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.url = f'http://127.0.0.1:{self.socket.getsockname()[1]}'
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _peer = self.socket.accept()
            except OSError:
                return
            self.requests.append(whole_request(connection))
            if self.answer:
                connection.sendall(self.answer)
            if self.reset:  # RST instead of FIN
                connection.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            if self.answer is not None:
                connection.close()
            else:
                self.open = connection  # silence


def whole_request(connection):
    """Head and body come in two packets, maybe one long after the other."""
    received = b''
    while more := connection.recv(65536):
        received += more
        head, end, body = received.partition(b'\r\n\r\n')
        size = re.search(rb'(?i)^content-length: *(\d+)', head, re.MULTILINE)
        if end and len(body) >= int(size[1] if size else 0):
            break
    return received


@pytest.fixture
def peer(request):
    peers = []

    def make(answer=OK, **options):
        peers.append(Peer(answer, **options))
        return peers[-1]

    yield make
    for made in peers:
        made.socket.close()


def wire(url, **options):
    return Transport(url, allow_loopback=True, **options)


def test_an_answer_is_an_answer_whatever_its_status(peer):
    server = peer(b'HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy')
    with wire(server.url) as line:
        answer = line.send('POST', '/x', json={'a': 1})
    assert (answer.status, answer.text) == (503, 'busy')


def test_refused_connection_certainly_did_not_leave():
    free = socket.create_server(('127.0.0.1', 0))
    port = free.getsockname()[1]
    free.close()
    with wire(f'http://127.0.0.1:{port}') as line, pytest.raises(Retryable):
        line.send('POST', '/create', json={})


@pytest.mark.parametrize('answer, reset', [
    (b'', False), (b'', True),
    (b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"cut', False),
    (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab', False),
    (b'garbage', False)])
def test_lost_answers_are_unknown_for_writes_and_retryable_for_reads(
        peer, answer, reset):
    server = peer(answer, reset=reset)
    with wire(server.url) as line:
        with pytest.raises(OutcomeUnknown):
            line.send('POST', '/create', json={})
        with pytest.raises(Retryable):
            line.send('GET', '/read', safe=True)
    assert len(server.requests) == 2


def test_silence_is_unknown(peer):
    server = peer(None)
    with wire(server.url, read_timeout=0.2) as line, pytest.raises(OutcomeUnknown):
        line.send('POST', '/create', json={})


class TlsPeer(Peer):
    """Speaks TLS, reads the request, then breaks in the named way."""

    def __init__(self, mode, certificate):
        self.mode, self.context = mode, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        super().__init__(None)
        self.url = self.url.replace('http:', 'https:')

    def serve(self):
        while True:
            try:
                connection, _peer = self.socket.accept()
            except OSError:
                return
            try:
                self.answer_one(connection)
            except OSError:
                connection.close()

    def answer_one(self, connection):
        if self.mode == 'no handshake':
            connection.recv(65536)
            connection.sendall(b'HTTP/1.1 400 Plain text here\r\n\r\n')
            connection.close()
            return
        with self.context.wrap_socket(connection, server_side=True) as secure:
            received = b''
            while not received.endswith(b'}'):
                received += secure.recv(65536)
            self.requests.append(received)
            plain = socket.socket(fileno=os.dup(secure.fileno()))
            if self.mode == 'broken body':
                secure.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"x":')
            if self.mode == 'sound':
                secure.sendall(OK)
            else:
                plain.sendall(b'HTTP/1.1 502 Bad gateway\r\n\r\n')
            plain.close()


@pytest.fixture(scope='module')
def certificate(tmp_path_factory):
    """File with a key and a certificate of 127.0.0.1 that proves itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, '127.0.0.1')])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(
        issuer_name=name, subject_name=name, public_key=key.public_key(),
        serial_number=1, not_valid_before=now - datetime.timedelta(days=1),
        not_valid_after=now + datetime.timedelta(days=1),
    ).add_extension(x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address('127.0.0.1'))]), critical=False,
    ).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True,
    ).sign(key, hashes.SHA256())
    path = tmp_path_factory.mktemp('tls') / 'peer.pem'
    pem = serialization.Encoding.PEM
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return str(path)


@pytest.mark.parametrize('mode', ['broken head', 'broken body'])
def test_tls_that_breaks_after_the_request_left_is_no_answer(mode, certificate):
    server = TlsPeer(mode, certificate)
    with server.socket, wire(server.url) as line:
        line.session.verify = certificate
        with pytest.raises(OutcomeUnknown):
            line.send('POST', '/create', json={'a': 1})
        with pytest.raises(Retryable):
            line.send('POST', '/read', json={'a': 1}, safe=True)
    assert [request.split(b' ')[1] for request in server.requests] == [
        b'/create', b'/read']


def test_a_failed_handshake_certainly_did_not_leave(certificate):
    server = TlsPeer('no handshake', certificate)
    with server.socket, wire(server.url) as line, pytest.raises(Retryable) as caught:
        line.send('POST', '/create', json={'a': 1})
    assert caught.value.code == 'no_connection'


def test_a_stranger_gets_no_request_and_the_right_one_does(certificate):
    server = TlsPeer('sound', certificate)
    with server.socket, wire(server.url) as line:
        with pytest.raises(Retryable) as caught:  # nobody vouches for it
            line.send('POST', '/create', json={'a': 1})
        assert (caught.value.code, server.requests) == ('no_connection', [])
        line.session.verify = certificate
        assert line.send('POST', '/create', json={'a': 1}).json() == {'a': 'á'}


def test_redirects_are_not_followed(peer):
    server = peer(b'HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n'
                  b'Content-Length: 0\r\n\r\n')
    with wire(server.url) as line:
        assert line.send('GET', '/x', safe=True).status == 302
    assert len(server.requests) == 1


def test_huge_answers_are_cut_off(peer):
    server = peer(b'HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n' + b'x' * 3000)
    with wire(server.url, max_bytes=1000) as line, pytest.raises(Retryable):
        line.send('GET', '/x', safe=True)


@pytest.mark.parametrize('url', [
    'http://partner.shopeemobile.com', 'ftp://127.0.0.1', 'https://10.0.0.1',
    'https://169.254.169.254', 'https://metadata.internal', '', 'https://u:p@host.vn'])
def test_only_public_https_hosts(url):
    with pytest.raises(Rejected):
        Transport(url, allow_loopback=True)


def test_loopback_only_where_allowed():
    with pytest.raises(Rejected):
        Transport('http://127.0.0.1:1', allow_loopback=False)


def test_nothing_unnamed_is_logged():
    redact = Redactor(['order_sn', 'status'])
    assert redact.url('https://h/p?sign=abc&order_sn=1') == (
        'https://h/p?sign=***&order_sn=1')
    assert redact.json({'token': 'x', 'status': 'ok', 'rows': [{'order_sn': 1, 'n': 2}]}) == {
        'token': '***', 'status': 'ok', 'rows': [{'order_sn': 1, 'n': '***'}]}
    assert 'secret' not in redact.body(b'secret not json')

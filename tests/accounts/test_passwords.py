"""Passwords: strong enough, hashed alike, the same work for nobody."""

import threading

import pytest
from argon2 import extract_parameters

from helpdesk.accounts import passwords
from helpdesk.errors import BadInput

GOOD = "cheval agrafe batterie nuage"


def test_a_password_matches_its_hash_only():
    stored = passwords.hash_password(GOOD)
    assert passwords.verify(stored, GOOD)
    assert not passwords.verify(stored, GOOD + "x")
    assert not passwords.needs_rehash(stored)


def test_the_hash_is_argon2id_with_the_chosen_cost():
    parameters = extract_parameters(passwords.hash_password(GOOD))
    assert parameters.type.name == "ID"
    assert (parameters.time_cost, parameters.memory_cost, parameters.parallelism) == (2, 19 * 1024, 1)


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$broken"])
def test_without_a_usable_hash_nothing_matches(stored):
    assert not passwords.verify(stored, "no account has this password")
    assert not passwords.verify(stored, "")


def test_without_an_account_the_same_work_is_done(monkeypatch):
    checked = []
    real = passwords._hasher.verify

    class Spy:
        hash = passwords._hasher.hash

        def verify(self, stored, given):
            checked.append(stored)
            return real(stored, given)

    monkeypatch.setattr(passwords, "_hasher", Spy())
    passwords.verify(None, GOOD)
    passwords.verify(passwords.hash_password(GOOD), GOOD)
    costs = {tuple(stored.split("$")[1:4]) for stored in checked}
    assert len(checked) == 2
    assert len(costs) == 1


def test_two_hashes_at_a_time(monkeypatch):
    running, most, gate = [], [], threading.Event()

    class Slow:
        def hash(self, _password):
            running.append(1)
            most.append(len(running))
            gate.wait(5)
            running.pop()
            return "hash"

    monkeypatch.setattr(passwords, "_hasher", Slow())
    threads = [threading.Thread(target=passwords.hash_password, args=(GOOD,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    while len(most) < passwords.HASHES_AT_A_TIME:
        threading.Event().wait(0.005)
    gate.set()
    for thread in threads:
        thread.join()
    assert max(most) <= passwords.HASHES_AT_A_TIME
    assert len(most) == 6


@pytest.mark.parametrize(
    "password",
    [
        "",
        "court",
        "onze-lettre",
        "123456789012",
        "motdepasse1234",
        "Mot de passe 2026",
        "AZERTYuiop123",
        "aaaaaaaaaaaa",
        "abababababab",
        "Bienvenue2026",
        "appuijuridique",
        "claire.morvan@ges.example",
        "Claire.Morvan2026",
        "x" * 201,
    ],
)
def test_what_is_quickly_guessed_is_refused_with_advice(password):
    own_words = ("claire.morvan@ges.example", "claire.morvan", "Claire", "Morvan")
    with pytest.raises(BadInput) as refusal:
        passwords.check_strength(password, own_words=own_words)
    assert refusal.value.field == "new_password"


@pytest.mark.parametrize("password", [GOOD, "Tr0ubador&3xtra", "éàù çà et là-bas", "a" * 6 + "bcdefghi" * 20])
def test_long_and_odd_passwords_are_welcome(password):
    passwords.check_strength(password, own_words=("claire@ges.example",))

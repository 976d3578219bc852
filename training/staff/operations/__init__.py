"""The verbs of staff: accounts, rights by two persons, signing in, what one does with one's own account."""

from training.staff.operations.accounts import NewAccount, add_account, create_account
from training.staff.operations.confirmations import confirm, refuse, withdraw
from training.staff.operations.own import (
    change_password,
    change_token,
    choose_shortcuts,
    offer_token,
    offered_token,
)
from training.staff.operations.passkeys import (
    Answer,
    Site,
    add_passkey,
    challenge_for_new_key,
    challenge_for_sign_in,
    remove_passkey,
)
from training.staff.operations.proposals import (
    NewPerson,
    Place,
    Sent,
    propose_account,
    propose_enabling,
    propose_leave,
    propose_recovery,
    propose_right,
)
from training.staff.operations.removals import disable, disable_account, end_leave, end_right
from training.staff.operations.secrets import hash_password, totp_address
from training.staff.operations.signing import (
    SignInLimits,
    Typed,
    began,
    keep_signed_in,
    prove_again,
    sign_in,
    sign_out,
    sign_out_elsewhere,
)
from training.staff.operations.starts import StartHalf, begin_start, finish_start, start_half_of, start_in

__all__ = [
    "Answer",
    "NewAccount",
    "NewPerson",
    "Place",
    "Sent",
    "SignInLimits",
    "Site",
    "StartHalf",
    "Typed",
    "add_account",
    "add_passkey",
    "began",
    "begin_start",
    "challenge_for_new_key",
    "challenge_for_sign_in",
    "change_password",
    "change_token",
    "choose_shortcuts",
    "confirm",
    "create_account",
    "disable",
    "disable_account",
    "end_leave",
    "end_right",
    "finish_start",
    "hash_password",
    "keep_signed_in",
    "offer_token",
    "offered_token",
    "propose_account",
    "propose_enabling",
    "propose_leave",
    "propose_recovery",
    "propose_right",
    "prove_again",
    "refuse",
    "remove_passkey",
    "sign_in",
    "sign_out",
    "sign_out_elsewhere",
    "start_half_of",
    "start_in",
    "totp_address",
    "withdraw",
]

"""Propose, submit again, agree, return, refuse, withdraw.

Every change is judged by the notice stored with the claim, never by today's. Four eyes are about persons:
whoever enrolled or verified somebody, or decided at the other desk, decides nothing here.
"""

from training.claims.operations.again import propose_again
from training.claims.operations.decisions import REVIEWER, Decision, agree, refuse, return_claim, submit_again
from training.claims.operations.proposals import end_claims_not_theirs, propose, withdraw

__all__ = [
    "REVIEWER",
    "Decision",
    "agree",
    "end_claims_not_theirs",
    "propose",
    "propose_again",
    "refuse",
    "return_claim",
    "submit_again",
    "withdraw",
]

"""Staff of the demo: an account for each desk, two for each desk that decides. Only a demo has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jobs.demo.catalogue import ELSEWHERE, HOME
from jobs.demo.chance import Chance
from training.policy.pack import Pack
from training.staff.models import Role
from training.staff.operations import NewAccount, hash_password

MUNICIPAL = {
    Role.REVIEWER_MUNICIPAL: "重庆市就业服务管理局",
    Role.PLANNER: "重庆市人力社保局职业能力处",
    Role.POLICY_EDITOR: "重庆市人力社保局职业能力处",
    Role.POLICY_APPROVER: "重庆市人力社保局法规处",
    Role.AUDITOR: "重庆市审计局",
    Role.SYSADMIN: "重庆市人力社保信息中心",
    Role.SECADMIN: "重庆市人力社保信息中心",
}
DISTRICT = {
    Role.VERIFIER: "区就业和人才中心实名核验岗",
    Role.REVIEWER_DISTRICT: "区人力社保局补贴审核科",
    Role.PUBLICITY: "区人力社保局公示岗",
    Role.FINANCE: "区财政局支付岗",
    Role.FINANCE_RELEASE: "区财政局支付复核岗",
    Role.INSPECTOR: "区人力社保局监察大队",
}
ONE_IS_ENOUGH = {Role.PLANNER, Role.AUDITOR}
PASSWORDS = ("shancheng", "jialing", "huangjue", "chaotian", "gele", "ciqikou", "nanbin", "jinyun")


@dataclass(frozen=True)
class Member:
    """One account with what its owner knows. `account` is what training.staff makes it from."""

    role: Role
    account: NewAccount
    password_hash: str = field(repr=False)

    @property
    def district(self) -> str | None:
        return self.account.roles[0][1]

    def line(self) -> dict[str, str | None]:
        """As demo.json shows them."""
        return {
            "role": self.role.value,
            "username": self.account.username,
            "password": self.account.password,
            "totp_secret": self.account.totp_secret,
            "district": self.district,
            "name": self.account.name,
        }


class Desks:
    """Makes the accounts; `institutions` are the ids of a school and an enterprise with their names."""

    def __init__(self, chance: Chance, pack: Pack, names: list[str]) -> None:
        self.chance, self.pack, self.names = chance, pack, iter(names)
        self._phone = 19800000000

    def everybody(self, institutions: Mapping[str, str]) -> list[Member]:
        """All accounts. `institutions`: id → name, one of a school and one of an enterprise."""
        members: list[Member] = []
        for role in Role:
            if role is Role.INSTITUTION:
                members += [
                    self.member(role, place, HOME, name, institution=key)
                    for place, (key, name) in enumerate(institutions.items(), start=1)
                ]
            else:
                count = 1 if role in ONE_IS_ENOUGH else 2
                members += [
                    self.member(role, place, *self.seat(role, place)) for place in range(1, count + 1)
                ]
        away = self.pack.districts[ELSEWHERE].name_zh.removesuffix("区") + DISTRICT[Role.VERIFIER]
        return [*members, self.member(Role.VERIFIER, 3, ELSEWHERE, away)]

    def seat(self, role: Role, place: int) -> tuple[str | None, str]:
        """The district and the office of a desk."""
        if role in MUNICIPAL:
            return None, MUNICIPAL[role]
        here = self.pack.districts[HOME].name_zh
        if role is Role.COUNSELLOR:
            return HOME, f"{here}{self.centre(place)[1]}"
        return HOME, here.removesuffix("区") + DISTRICT[role]

    def centre(self, place: int) -> tuple[str, str]:
        """The code and name of one of the district's service centres."""
        centre = [one for one in self.pack.centres if one.district == HOME][place - 1]
        return centre.code, centre.name_zh

    def member(
        self, role: Role, place: int, district: str | None, office: str, *, institution: str | None = None
    ) -> Member:
        self._phone += 1
        account = NewAccount(
            username=f"{role.value.replace('_', '-')}-{place}",
            name=next(self.names),
            password=f"{self.chance.choice(PASSWORDS)}-{self.chance.choice(PASSWORDS)}-{self.chance.randint(1000, 9999)}",
            totp_secret=self.chance.totp_secret(),
            office=office,
            roles=[(role, district, institution)],
            centre=self.centre(place)[0] if role is Role.COUNSELLOR else "",
            phone=str(self._phone),
        )
        return Member(role, account, hash_password(account.password))

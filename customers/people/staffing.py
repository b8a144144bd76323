"""Changes of people, roles and departments: each in one transaction with its audit event."""

from allauth.account.models import EmailAddress
from django.db import transaction

from customers.models import AuditEvent, Department, Membership, Role, User


class LastAdministrator(Exception):
    """Nobody would be left who can invite people and give roles."""

    sentence = (
        "{name} is the only system administrator. Give somebody else that role first;"
        " without one, nobody can let people in."
    )

    def __init__(self, person: User) -> None:
        super().__init__(self.sentence.format(name=person.name))


@transaction.atomic
def invite(
    actor: User | None, name: str, email: str, role: Role, department: Department | None
) -> User:
    """A new person with a first role and no password yet. actor: None for the command line."""
    person = User.objects.create_user(email, name)
    _write(actor, person, "invited")
    give_role(actor, person, role, department)
    return person


def note_invitation(actor: User, person: User) -> None:
    _write(actor, person, "got a link to set a password")


@transaction.atomic
def rename(actor: User, person: User, name: str, email: str) -> None:
    """Change name and work e-mail. The old e-mail opens the door no more."""
    stored = User.objects.select_for_update().get(pk=person.pk)
    if stored.name != name:
        _write(actor, stored, f"now called {name}")
    if stored.email != email:
        _write(actor, stored, "e-mail changed")
        EmailAddress.objects.filter(user=person).delete()  # sign-in would still take them
    person.name, person.email = name, email
    person.save(update_fields=["name", "email"])


@transaction.atomic
def leave(actor: User, person: User) -> None:
    """End this person's sign-ins, the present ones too. Roles stay, for a return.

    Raises LastAdministrator.
    """
    _refuse_to_lose_the_last_administrator(person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    _write(actor, person, "left")


@transaction.atomic
def come_back(actor: User, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=True)
    _write(actor, person, "came back")


@transaction.atomic
def give_role(
    actor: User | None, person: User, role: Role, department: Department | None
) -> Membership:
    membership = Membership.objects.create(user=person, role=role, department=department)
    _write(actor, person, f"given {membership.title}")
    return membership


@transaction.atomic
def end_role(actor: User, membership: Membership) -> None:
    """Take one role away. Raises LastAdministrator."""
    if membership.role == Role.SYSTEM_ADMIN:
        _refuse_to_lose_the_last_administrator(membership.user)
    _write(actor, membership.user, f"no longer {membership.title}")
    membership.delete()


@transaction.atomic
def found_department(actor: User, department: Department) -> None:
    department.save()
    _tell(actor, f"Department {department.name}: created")


def _refuse_to_lose_the_last_administrator(person: User) -> None:
    """Raises LastAdministrator where this person is the only active one.

    The roles' rows are locked first and people read after: of two administrators who end each
    other's role at the same moment, the second sees what the first did.
    """
    roles = Membership.objects.select_for_update().filter(role=Role.SYSTEM_ADMIN).order_by("pk")
    holders = set(roles.values_list("user_id", flat=True))
    active = set(User.objects.working().filter(pk__in=holders).values_list("pk", flat=True))
    if active == {person.pk}:
        raise LastAdministrator(person)


def _write(actor: User | None, person: User, what: str) -> None:
    _tell(actor, f"{person.name} (person {person.pk}): {what}")


def _tell(actor: User | None, sentence: str) -> None:
    AuditEvent.objects.create(actor=actor, verb=AuditEvent.Verb.CHANGED_PEOPLE, about=sentence)

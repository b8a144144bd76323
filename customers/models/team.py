"""Who works here: people, departments, and the roles people hold in them."""

from decimal import Decimal
from typing import Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone


class Role(models.TextChoices):
    """What somebody does here; PAGES of both policies say what each may open."""

    FRONT_LINE = "front_line", "Front line"
    TEAM_LEAD = "team_lead", "Team lead"
    MANAGER = "manager", "Department manager"
    EXECUTIVE = "executive", "Executive"
    MAP_ADMIN = "map_admin", "Map administrator"
    DATA_STEWARD = "data_steward", "Data steward"
    PRIVACY_OFFICER = "privacy_officer", "Privacy officer"
    ANALYST = "analyst", "Analyst"
    SYSTEM_ADMIN = "system_admin", "System administrator"


DEPARTMENT_ROLES = (Role.FRONT_LINE, Role.TEAM_LEAD, Role.MANAGER)


class UserQuerySet(models.QuerySet["User"]):
    def working(self) -> Self:
        """People who have not left."""
        return self.filter(is_active=True)

    def holding(self, role: Role) -> Self:
        """People who hold this role anywhere."""
        return self.filter(Exists(Membership.objects.filter(user=OuterRef("pk"), role=role)))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, email: str, name: str, password: str | None = None) -> "User":
        """A person who can sign in; without a password only after setting one by mail."""
        user = self.model(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with a work e-mail. What they may do follows from their memberships alone."""

    email = models.EmailField("work e-mail", unique=True)
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="person_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name


class Department(models.Model):
    """A part of the company that looks after customers, owns metrics, or both."""

    name = models.CharField(max_length=60, unique=True)
    margin = models.DecimalField(
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.0001")), MaxValueValidator(1)],
        help_text="Share of a sale to its customers left after product cost; empty: the company's.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="department_has_a_name"),
            models.CheckConstraint(
                condition=Q(margin=None) | Q(margin__gt=0, margin__lte=1),
                name="department_margin_above_0_up_to_1",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One role of one person: in a department, or for the whole company."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "department", "role"],
                name="membership_once_per_department",
                violation_error_message="This person already has that role there.",
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(department=None),
                name="membership_once_for_the_company",
                violation_error_message="This person already has that role.",
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="membership_role_is_known"
            ),
            models.CheckConstraint(
                condition=(
                    Q(role__in=DEPARTMENT_ROLES, department__isnull=False)
                    | (~Q(role__in=DEPARTMENT_ROLES) & Q(department__isnull=True))
                ),
                name="membership_department_fits_role",
                violation_error_message=(
                    "Front line, team lead and manager belong to a department;"
                    " the other roles to the whole company."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.title}"

    @property
    def title(self) -> str:
        """The role and where it is held: `Team lead, Sales`; company-wide roles have no place."""
        place = f", {self.department}" if self.department else ""
        return f"{self.get_role_display()}{place}"

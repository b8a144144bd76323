"""Customers: who they are, what they bought, and who looks after them."""

from customers.models.audit import AuditEvent
from customers.models.changes import Change
from customers.models.company import Company
from customers.models.customer import Customer
from customers.models.facts.cash import AcquisitionCost, ProductMargin
from customers.models.facts.contract import Contract
from customers.models.facts.earlier import EarlierRow
from customers.models.facts.interaction import Interaction
from customers.models.facts.purchase import Purchase, PurchaseDay, PurchaseLine
from customers.models.facts.staff import SMALLEST_STAFF_GROUP, StaffMonth
from customers.models.record import Source, SourceRecord
from customers.models.team import DEPARTMENT_ROLES, Department, Membership, Role, User
from customers.models.upload import SetAsideRow, Upload, UploadColumn, UploadCount
from customers.models.work import Work, WorkMoved

__all__ = [
    "DEPARTMENT_ROLES",
    "SMALLEST_STAFF_GROUP",
    "AcquisitionCost",
    "AuditEvent",
    "Change",
    "Company",
    "Contract",
    "Customer",
    "Department",
    "EarlierRow",
    "Interaction",
    "Membership",
    "ProductMargin",
    "Purchase",
    "PurchaseDay",
    "PurchaseLine",
    "Role",
    "SetAsideRow",
    "Source",
    "SourceRecord",
    "StaffMonth",
    "Upload",
    "UploadColumn",
    "UploadCount",
    "User",
    "Work",
    "WorkMoved",
]
